package client

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
)

// Part is a part of a form that is uploaded.
type Part struct {
	Field string
	File  string // its name for the server; empty for a plain value
	Body  []byte
}

// Upload is like Do with POST, but what goes out is a form.
func (c *Client) Upload(ctx context.Context, path string, parts []Part, out any) error {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, p := range parts {
		params := map[string]string{"name": p.Field}
		if p.File != "" {
			params["filename"] = p.File
		}
		to, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {mime.FormatMediaType("form-data", params)}})
		if err == nil {
			_, err = to.Write(p.Body)
		}
		if err != nil {
			return fmt.Errorf("writing a form: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("writing a form: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/assay/v1/"+strings.TrimPrefix(path, "/"), nil)
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	r.Header = http.Header{"Accept": {"application/json"}, "Content-Type": {w.FormDataContentType()}}
	return c.ask(r, body.Bytes(), out)
}
