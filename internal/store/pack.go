package store

import (
	"encoding/json"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/assay-project/assay/internal/resource"
)

// maxDocument bounds a document, in bytes before compression.
const maxDocument = 64 << 20

// resourceWords is what documents of resources have in common: a dictionary, with
// the commonest at its end. What was packed with it cannot be read without it, so
// that it never changes; a better one has another number.
const (
	resourceWordsNumber = 1
	resourceWords       = `"author":"","pulled":"2026-01-01T00:00:00Z","used":"2026-01-01T00:00:00Z","uses":1,"package":"IMAGE",` +
		`"cloud":{"provider":"AZURE","account":"","organization":"","region":""},"layers":["arn:aws:lambda:us-east-1:000000000000:layer:` +
		`{"type":"CODE_REPOSITORY","id":"","code":{"project":"","host":"GITHUB","visibility":"PRIVATE","commit":""}}` +
		`{"type":"AWS_LAMBDA_FUNCTION","id":"arn:aws:lambda:eu-west-1:000000000000:function:f:$LATEST","name":"","account":"000000000000",` +
		`"region":"eu-west-1","arch":"X86_64","digest":"sha256:","created":"2026-01-01T00:00:00Z","layers":[],"function":{"name":"",` +
		`"runtime":"NODEJS_22_X","role":"arn:aws:iam::000000000000:role/service-role/","modified":"2026-01-01T00:00:00Z"}}` +
		`{"type":"AWS_EC2_INSTANCE","id":"i-0","name":"","account":"000000000000","region":"us-east-1","platform":"UBUNTU_24_04",` +
		`"labels":{"Name":"","env":"prod","team":""},"host":{"size":"t3.medium","image":"ami-0","network":"vpc-0","subnet":"subnet-0",` +
		`"ipv4":["10.0.0.1"],"ipv6":[""],"key":"","role":"arn:aws:iam::000000000000:instance-profile/","launched":"2026-01-01T00:00:00Z"}}` +
		`{"type":"AWS_ECR_CONTAINER_IMAGE","id":"arn:aws:ecr:us-east-1:000000000000:repository/app/sha256:","name":"","account":"000000000000",` +
		`"region":"us-east-1","platform":"DEBIAN_12","arch":"amd64","tags":["latest"],"digest":"sha256:","created":"2026-01-01T00:00:00Z",` +
		`"labels":{"env":"prod"},"image":{"registry":"000000000000.dkr.ecr.us-east-1.amazonaws.com","repository":"","pushed":"2026-01-01T00:00:00Z"}}`
)

// packing is how documents are compressed.
type packing struct {
	encoder, resources *zstd.Encoder
	decoder            *zstd.Decoder
}

func newPacking() (p packing, err error) {
	options := []zstd.EOption{zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2)}
	if p.encoder, err = zstd.NewWriter(nil, options...); err != nil {
		return p, err
	}
	words := []byte(resourceWords)
	options = append(options, zstd.WithEncoderDictRaw(resourceWordsNumber, words), zstd.WithEncoderCRC(false))
	if p.resources, err = zstd.NewWriter(nil, options...); err != nil {
		return p, err
	}
	p.decoder, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxDocument),
		zstd.WithDecoderDictRaw(resourceWordsNumber, words))
	return p, err
}

// close ends what runs behind it.
func (p packing) close() {
	if p.decoder != nil {
		p.decoder.Close()
	}
}

// pack compresses a document.
func (p packing) pack(doc []byte) []byte { return p.encoder.EncodeAll(doc, nil) }

// packResource compresses the document of a resource.
func (p packing) packResource(doc string) []byte { return p.resources.EncodeAll([]byte(doc), nil) }

// unpack reads a document into v.
func (p packing) unpack(doc []byte, v any) error {
	plain, err := p.plain(doc)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, v)
}

// plain returns a document as it was. Those of resources were not packed in
// earlier versions.
func (p packing) plain(doc []byte) ([]byte, error) {
	if len(doc) > 0 && doc[0] == '{' {
		return doc, nil
	}
	plain, err := p.decoder.DecodeAll(doc, nil)
	if err != nil {
		return nil, fmt.Errorf("unpacking a document: %w", err)
	}
	return plain, nil
}

// resource reads the document of a resource.
func (p packing) resource(doc []byte) (r resource.Resource, err error) {
	err = p.unpack(doc, &r)
	return r, err
}
