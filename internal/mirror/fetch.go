package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// A web is how files of others are asked for.
type web struct {
	client *http.Client
	stall  time.Duration // how long a transfer may stand still
	wait   time.Duration // before what failed is tried again; three times as long before the last time
}

// maxPatience is how long a site may have us wait before we ask again.
const maxPatience = time.Minute

// maxPage is the size in bytes of a page that lists files.
const maxPage = 64 << 20

// newWeb returns a web with what is not given filled in. It follows no
// redirection from https to http.
func newWeb(client *http.Client, stands, wait time.Duration) web {
	if client == nil {
		client = http.DefaultClient
	}
	own := *client
	own.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		switch {
		case len(via) >= 10:
			return errors.New("redirected ten times")
		case via[0].URL.Scheme == "https" && req.URL.Scheme != "https":
			return fmt.Errorf("redirected from https to %s", req.URL.Redacted())
		}
		return nil
	}
	if stands == 0 {
		stands = stall
	}
	if wait == 0 {
		wait = time.Second
	}
	return web{&own, stands, wait}
}

// A statusError is an answer that is not the file.
type statusError struct {
	code  int
	text  string
	after time.Duration // when to ask again; zero if that was not said
}

// Error returns the status as the site wrote it.
func (e *statusError) Error() string { return e.text }

func statusOf(resp *http.Response) error {
	e := &statusError{code: resp.StatusCode, text: resp.Status}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		e.after = min(time.Duration(s)*time.Second, maxPatience)
	}
	return e
}

// passing tells whether an error may be gone when the same is asked again.
func passing(err error) bool {
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.code == http.StatusTooManyRequests || e.code == http.StatusRequestTimeout || e.code >= 500 ||
			e.code == http.StatusRequestedRangeNotSatisfiable // the file is another one now
	}
	return true
}

// again calls do until it succeeds, fails in a way that will not pass, or has
// failed three times.
func (w web) again(ctx context.Context, do func() error) error {
	wait := w.wait
	for n := 1; ; n++ {
		err := do()
		if err == nil || n == attempts || ctx.Err() != nil || !passing(err) {
			return err
		}
		pause := wait
		if e, ok := errors.AsType[*statusError](err); ok && e.after > 0 {
			pause = e.after
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		wait *= 3
	}
}

// get asks for an address. The request ends when nothing comes for a while; the
// caller calls end when done with the body.
func (w web) get(ctx context.Context, address string, header http.Header) (resp *http.Response, end func(), err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		cancel(nil)
		return nil, nil, err
	}
	req.Header = header
	req.Header.Set("Accept-Encoding", "identity") // sizes and digests are those of the files
	req.Header.Set("User-Agent", "assay")
	timer := time.AfterFunc(w.stall, func() { cancel(fmt.Errorf("nothing came for %s", w.stall)) })
	stop := func() {
		timer.Stop()
		cancel(nil)
	}
	resp, err = w.client.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		stop()
		return nil, nil, err
	}
	body := resp.Body
	resp.Body = &watched{body, ctx, timer, w.stall}
	return resp, func() {
		stop()
		_ = body.Close()
	}, nil
}

// page returns a short file.
func (w web) page(ctx context.Context, address string) (text []byte, err error) {
	err = w.again(ctx, func() error {
		resp, end, err := w.get(ctx, address, http.Header{}) //nolint:bodyclose // end does
		if err != nil {
			return err
		}
		defer end()
		if resp.StatusCode != http.StatusOK {
			return statusOf(resp)
		}
		text, err = io.ReadAll(io.LimitReader(resp.Body, maxPage+1))
		if err == nil && len(text) > maxPage {
			return fmt.Errorf("it has more than %d bytes", maxPage)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("getting %s: %w", address, err)
	}
	return text, nil
}

// An edition is how a site tells one content of a file from another.
type edition struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
}

func editionOf(resp *http.Response) edition {
	return edition{resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")}
}

// ifRange is what to ask with for the rest of a file; empty if the site says
// nothing that may be used. Source: RFC 9110, section 13.1.5.
func (e edition) ifRange() string {
	if e.ETag != "" {
		if strings.HasPrefix(e.ETag, "W/") {
			return ""
		}
		return e.ETag
	}
	return e.Modified
}

// download gets a file into part, unless it is still the edition that is known.
// What was there of it before, and is of the same edition, is not asked for
// again. It returns how many bytes came.
func (w web) download(ctx context.Context, address, part string, known edition) (got edition, same bool, came int64, err error) {
	err = w.again(ctx, func() error {
		var n int64
		got, same, n, err = w.transfer(ctx, address, part, known)
		came += n
		return err
	})
	if err != nil {
		return edition{}, false, came, fmt.Errorf("getting %s: %w", address, err)
	}
	_ = os.Remove(part + ".of") // only of use while it is not whole
	return got, same, came, nil
}

// transfer is one attempt of download.
func (w web) transfer(ctx context.Context, address, part string, known edition) (got edition, same bool, n int64, err error) {
	out, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return got, false, 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	var begun edition
	have, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return got, false, 0, err
	}
	if text, err := os.ReadFile(part + ".of"); err != nil || json.Unmarshal(text, &begun) != nil || begun.ifRange() == "" {
		have = 0
	}
	header := http.Header{}
	switch {
	case have > 0:
		header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		header.Set("If-Range", begun.ifRange())
	default:
		if known.ETag != "" {
			header.Set("If-None-Match", known.ETag)
		}
		if known.Modified != "" {
			header.Set("If-Modified-Since", known.Modified)
		}
	}
	resp, end, err := w.get(ctx, address, header) //nolint:bodyclose // end does
	if err != nil {
		return got, false, 0, err
	}
	defer end()
	switch {
	case resp.StatusCode == http.StatusNotModified && have == 0:
		return known, true, 0, nil
	case resp.StatusCode == http.StatusPartialContent && strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)):
		got = begun
	case resp.StatusCode == http.StatusOK:
		have, got = 0, editionOf(resp)
	case have > 0: // it is of no use any more
		return got, false, 0, errors.Join(statusOf(resp), out.Truncate(0), os.Remove(part+".of"))
	default:
		return got, false, 0, statusOf(resp)
	}
	text, err := json.Marshal(got)
	if err == nil {
		err = errors.Join(out.Truncate(have), os.WriteFile(part+".of", text, 0o600))
	}
	if err == nil {
		_, err = out.Seek(have, io.SeekStart)
	}
	if err != nil {
		return got, false, 0, err
	}
	n, err = io.Copy(out, io.LimitReader(resp.Body, maxFile-have+1))
	switch {
	case err != nil:
		return got, false, n, fmt.Errorf("after %d bytes: %w", have+n, err)
	case have+n > maxFile:
		return got, false, n, errors.Join(fmt.Errorf("more came than %d bytes", int64(maxFile)), out.Truncate(0))
	}
	return got, false, n, out.Sync()
}

// A watched body must not stand still.
type watched struct {
	io.ReadCloser
	ctx   context.Context //nolint:containedctx // lives as long as one transfer
	timer *time.Timer
	stall time.Duration
}

// Read reads, and has the timer begin anew when something came.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if n > 0 {
		w.timer.Reset(w.stall)
	}
	if cause := context.Cause(w.ctx); err != nil && !errors.Is(err, io.EOF) && cause != nil {
		err = cause
	}
	return n, err
}
