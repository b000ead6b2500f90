package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// S3 is a service with buckets.
type S3 struct {
	Endpoint    string // its address; empty: that of Amazon in the region
	Region      string // empty: us-east-1
	PathStyle   bool   // the bucket stands in the path, not in the name of the host
	Credentials S3Credentials
}

// Destination is an object to be written.
type Destination struct {
	Bucket string
	Key    string
	KMSKey string // ARN or id of the key it is to be encrypted with; empty: as the bucket says
	Type   string // of the content; empty: application/octet-stream
}

// What is wrong with a destination, so that it can be told to whoever named it.
var (
	ErrNoBucket = errors.New("the bucket does not exist")
	ErrDenied   = errors.New("the bucket may not be written to")
	ErrRegion   = errors.New("the bucket is in another region")
	ErrKMSKey   = errors.New("the KMS key cannot be used")
)

// client speaks to the service. To make one takes no time.
func (c S3) client() *s3.Client {
	o := s3.Options{
		Region: c.Region, UsePathStyle: c.PathStyle,
		Credentials: credentials.NewStaticCredentialsProvider(c.Credentials.ID, c.Credentials.Secret, c.Credentials.Token),
		// Services besides Amazon's do not know its newer checksums; requests are
		// signed with the sum of what they hold anyway.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if c.Endpoint != "" {
		o.BaseEndpoint = aws.String(c.Endpoint)
	}
	return s3.New(o)
}

// partSize is the length of the parts in which an object is sent. With the
// 10,000 parts that an object may have, that makes 80 GB.
// Source: Amazon S3 User Guide, "Amazon S3 multipart upload limits".
const partSize = 8 << 20

// Put writes all that r has to an object, in place of what was there, and
// returns its size. If r fails nothing is changed. One part of it is in memory
// at a time. The error is one of ErrNoBucket, ErrDenied, ErrRegion and ErrKMSKey
// if it is at the destination.
func (c S3) Put(ctx context.Context, d Destination, r io.Reader) (int64, error) {
	if d.Type == "" {
		d.Type = "application/octet-stream"
	}
	parts := &partReader{r, make([]byte, partSize)}
	body, last, err := parts.next()
	if err != nil {
		return 0, err
	}
	client := c.client()
	if !last {
		n, err := putParts(ctx, client, d, body, parts)
		return n, classify(err)
	}
	in := &s3.PutObjectInput{Bucket: &d.Bucket, Key: &d.Key, Body: body, ContentType: &d.Type}
	if d.KMSKey != "" {
		in.ServerSideEncryption, in.SSEKMSKeyId = types.ServerSideEncryptionAwsKms, &d.KMSKey
	}
	if _, err := client.PutObject(ctx, in); err != nil {
		return 0, classify(err)
	}
	return body.Size(), nil
}

// putParts writes an object whose first part is read and is not the last.
func putParts(ctx context.Context, client *s3.Client, d Destination, body io.ReadSeeker, parts *partReader) (size int64, err error) {
	in := &s3.CreateMultipartUploadInput{Bucket: &d.Bucket, Key: &d.Key, ContentType: &d.Type}
	if d.KMSKey != "" {
		in.ServerSideEncryption, in.SSEKMSKeyId = types.ServerSideEncryptionAwsKms, &d.KMSKey
	}
	begun, err := client.CreateMultipartUpload(ctx, in)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err == nil {
			return
		}
		// Parts that stay cost money, even when the caller has given up.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_, problem := client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &d.Bucket, Key: &d.Key, UploadId: begun.UploadId})
		err = errors.Join(err, problem)
	}()
	var done []types.CompletedPart
	for last := false; ; {
		number := aws.Int32(int32(len(done) + 1)) //nolint:gosec // the service allows 10,000
		sent, err := client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: &d.Bucket, Key: &d.Key, UploadId: begun.UploadId, PartNumber: number, Body: body,
		})
		if err != nil {
			return 0, err
		}
		done = append(done, types.CompletedPart{ETag: sent.ETag, PartNumber: number})
		n, err := body.Seek(0, io.SeekEnd)
		if err != nil {
			return 0, err
		}
		size += n
		if last {
			break
		}
		next, end, err := parts.next()
		if err != nil {
			return 0, err
		}
		if end && next.Size() == 0 {
			break
		}
		body, last = next, end
	}
	_, err = client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &d.Bucket, Key: &d.Key, UploadId: begun.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: done},
	})
	return size, err
}

// get opens an object and returns its size.
func (c S3) get(ctx context.Context, bucket, key string) (io.ReadCloser, int64, error) {
	out, err := c.client().GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, 0, classify(err)
	}
	return out.Body, aws.ToInt64(out.ContentLength), nil
}

// delete removes an object; none is removed as well.
func (c S3) delete(ctx context.Context, bucket, key string) error {
	_, err := c.client().DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key})
	if err = classify(err); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Clean gives up what was written of an object, or of those whose names go on
// from it, when the writing began before a time and was cut off.
func (c S3) Clean(ctx context.Context, d Destination, before time.Time) error {
	return c.clean(ctx, d.Bucket, d.Key, before)
}

// clean gives up the writing of objects that began before a time and has not
// ended.
func (c S3) clean(ctx context.Context, bucket, prefix string, before time.Time) error {
	client := c.client()
	p := s3.NewListMultipartUploadsPaginator(client, &s3.ListMultipartUploadsInput{Bucket: &bucket, Prefix: &prefix})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return classify(err)
		}
		for _, u := range page.Uploads {
			if !aws.ToTime(u.Initiated).Before(before) {
				continue
			}
			_, err := client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &bucket, Key: u.Key, UploadId: u.UploadId})
			if err = classify(err); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// classify adds to an error of the service what it means.
// Source: Amazon S3 API Reference, "Error responses", section "List of error
// codes", and AWS KMS API Reference, "Encrypt", section "Errors", which S3
// passes on with a prefix.
func classify(err error) error {
	if err == nil {
		return nil
	}
	code, status := "", 0
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		code = e.ErrorCode()
	}
	if e, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status = e.HTTPStatusCode()
	}
	var meaning error
	switch {
	case code == "NoSuchBucket" || code == "InvalidBucketName":
		meaning = ErrNoBucket
	case code == "NoSuchKey" || code == "NoSuchUpload":
		meaning = fs.ErrNotExist
	case strings.HasPrefix(code, "KMS.") || code == "InvalidKMSKey" || code == "KMSKeyNotFound" ||
		(code == "InvalidArgument" || code == "ServerSideEncryptionConfigurationNotFoundError") && strings.Contains(strings.ToUpper(err.Error()), "KMS"):
		meaning = ErrKMSKey
	case code == "PermanentRedirect" || code == "TemporaryRedirect" || code == "AuthorizationHeaderMalformed" ||
		code == "IllegalLocationConstraintException" || code == "IncorrectEndpoint" || status == http.StatusMovedPermanently:
		meaning = ErrRegion
	case status == http.StatusForbidden || status == http.StatusUnauthorized || code == "AccessDenied":
		meaning = ErrDenied
	default:
		return err
	}
	return fmt.Errorf("%w: %w", meaning, err)
}
