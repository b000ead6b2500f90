package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/client"
	"github.com/assay-project/assay/internal/discover"
	"github.com/assay-project/assay/internal/server"
)

type adminFunctions struct {
	List   functionList   `cmd:"" default:"1" help:"List the places where functions are found."`
	Add    functionAdd    `cmd:"" help:"Have a folder of the server, or a bucket, watched for packages of functions."`
	Remove functionRemove `cmd:"" help:"Watch a place no longer; its functions are gone."`
	Sync   functionSync   `cmd:"" help:"Have a place looked through now."`
	Upload functionUpload `cmd:"" help:"Hand in the code of a function."`
	Delete functionDelete `cmd:"" help:"Say that a function is gone."`
}

type functionList struct{}

// Run lists the places where functions are found.
func (*functionList) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.FunctionSources
	if done, err := a.do(ctx, e, [2]string{"GET", "function-sources"}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, s := range out.Sources {
		rows = append(rows, []string{
			s.ID, s.Account, s.Place, strconv.Itoa(s.Minutes), moment(s.Synced), strconv.Itoa(s.Functions), cmp.Or(s.Error, strings.Join(s.Problems, "; "), "-"),
		})
	}
	return table(e, "ID\tACCOUNT\tPLACE\tMINUTES\tLAST LOOK\tFUNCTIONS\tPROBLEMS", rows)
}

type functionAdd struct {
	Place     string `arg:"" help:"The whole path of a folder of the server, or s3://bucket/prefix."`
	Endpoint  string `placeholder:"URL" help:"Address of the service of the bucket; Amazon's own if empty."`
	Region    string `placeholder:"REGION" help:"Region of the bucket; us-east-1 if empty."`
	PathStyle bool   `help:"Name the bucket in the path and not in the host, as most S3 services other than Amazon's want."`
	Key       string `placeholder:"ID" help:"Access key for the bucket; the server's own if empty."`
	Secret    string `placeholder:"SECRET" env:"ASSAY_SOURCE_SECRET" help:"Its secret; better given in the environment."`
	Minutes   int    `default:"5" help:"How often to look, in minutes."`
}

// Run adds the place.
func (c *functionAdd) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.FunctionSource
	in := server.NewFunctionSource{
		Place: c.Place, Endpoint: c.Endpoint, Region: c.Region, PathStyle: c.PathStyle, Key: c.Key, Secret: c.Secret, Minutes: c.Minutes,
	}
	if done, err := a.do(ctx, e, [2]string{"POST", "function-sources"}, in, &out); err != nil || done {
		return err
	}
	_, err := fmt.Fprintln(e.stdout, out.ID)
	return err
}

type functionRemove struct {
	ID string `arg:"" help:"The place."`
}

// Run removes the place.
func (c *functionRemove) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"DELETE", "function-sources/" + url.PathEscape(c.ID)}, nil)
}

type functionSync struct {
	ID string `arg:"" help:"The place."`
}

// Run has the place looked through.
func (c *functionSync) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"POST", "function-sources/" + url.PathEscape(c.ID) + "/sync"}, nil)
}

type functionDelete struct {
	Name string `arg:"" help:"Name of the function."`
}

// Run says that the function is gone.
func (c *functionDelete) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"DELETE", "functions/" + url.PathEscape(c.Name)}, nil)
}

type functionUpload struct {
	Code     string   `arg:"" type:"existingfile" help:"The zip archive of the function."`
	Manifest string   `type:"existingfile" placeholder:"FILE" help:"What else is known of it; that beside the archive, NAME.json, if empty, and if there is none the name of the archive alone."`
	Layer    []string `sep:"none" placeholder:"[ARN=]ZIP" help:"A layer, in order; may be repeated. Without a manifest these are the layers; with one, each belongs to the layer of that ARN or file name."`
}

// Run hands the function in.
func (c *functionUpload) Run(ctx context.Context, e edge, a *adminCommand) error {
	parts, err := c.parts()
	if err != nil {
		return err
	}
	remote, err := a.client(e)
	if err != nil {
		return err
	}
	var answer json.RawMessage
	if err := remote.Upload(ctx, "functions", parts, &answer); err != nil {
		return err
	}
	if a.JSON {
		_, err := fmt.Fprintf(e.stdout, "%s\n", answer)
		return err
	}
	var out server.FunctionTaken
	if err := json.Unmarshal(answer, &out); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	text := "taken in"
	switch {
	case out.NotScanned != "":
		text = "not scanned: " + out.NotScanned
	case out.Unchanged:
		text = "nothing has changed since the last scan"
	}
	if len(out.LayersUnread) > 0 {
		text += "; nobody has sent the layers " + strings.Join(out.LayersUnread, ", ")
	}
	_, err = fmt.Fprintf(e.stdout, "%s\t%s\n", out.ID, text)
	return err
}

// parts returns what is uploaded.
func (c *functionUpload) parts() ([]client.Part, error) {
	code, err := os.ReadFile(c.Code)
	if err != nil {
		return nil, fmt.Errorf("reading the code: %w", err)
	}
	parts := []client.Part{{Field: "code", File: filepath.Base(c.Code), Body: code}}
	var layers []discover.FunctionLayer
	for _, text := range c.Layer {
		l := discover.FunctionLayer{File: filepath.Base(text)}
		path := text
		if strings.HasPrefix(text, "arn:") {
			l.ARN, path, _ = strings.Cut(text, "=")
			l.File = ""
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading a layer: %w", err)
		}
		layers = append(layers, l)
		parts = append(parts, client.Part{Field: "layer", File: l.Name(), Body: body})
	}
	manifest, err := c.manifest(layers)
	return append(parts, client.Part{Field: "manifest", Body: manifest}), err
}

// manifest returns the manifest that is named or lies beside the code, else one
// of what is known.
func (c *functionUpload) manifest(layers []discover.FunctionLayer) ([]byte, error) {
	base := strings.TrimSuffix(c.Code, ".zip")
	text, err := os.ReadFile(cmp.Or(c.Manifest, base+".json"))
	if os.IsNotExist(err) && c.Manifest == "" {
		return json.Marshal(discover.FunctionManifest{Name: filepath.Base(base), Layers: layers})
	}
	if err != nil {
		return nil, fmt.Errorf("reading the manifest: %w", err)
	}
	return text, nil
}
