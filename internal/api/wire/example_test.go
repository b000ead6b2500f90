package wire_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
)

// serve is what a server does with each request, but for signatures, policies
// and the log.
func serve(services []*wire.Service, handlers map[string]wire.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op, err := wire.Route(services, r)
		if err != nil {
			op.Fail(w, err)
			return
		}
		body, err := wire.ReadBody(r, wire.MaxBody)
		if err != nil {
			op.Fail(w, err)
			return
		}
		in, err := op.Decode(r, body)
		if err != nil {
			op.Fail(w, err)
			return
		}
		out, err := handlers[op.Name](r.Context(), in)
		if err == nil {
			err = op.Encode(w, out)
		}
		if err != nil {
			op.Fail(w, err)
		}
	})
}

func Example() {
	service := inspector2.New()
	missing := service.Operation("DeleteFilter")
	handlers := inspector2.Handlers{
		ListTagsForResource: func(_ context.Context, in *inspector2.ListTagsForResourceRequest) (*inspector2.ListTagsForResourceResponse, error) {
			return &inspector2.ListTagsForResourceResponse{Tags: map[string]string{"of": in.ResourceARN}}, nil
		},
		DeleteFilter: func(context.Context, *inspector2.DeleteFilterRequest) (*inspector2.DeleteFilterResponse, error) {
			return nil, missing.Raise(fault.NotFound, "There is no such filter.")
		},
	}
	server := httptest.NewServer(serve([]*wire.Service{service}, handlers.ByName()))
	defer server.Close()

	client := inspector2.Client(service, func(ctx context.Context, op *wire.Operation, in any) (any, error) {
		r, err := op.Request(ctx, server.URL, in)
		if err != nil {
			return nil, err
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		return op.Response(resp, body)
	})
	ctx := context.Background()
	out, err := client.ListTagsForResource(ctx, &inspector2.ListTagsForResourceRequest{ResourceARN: "arn:aws:inspector2:eu-central-1:111122223333:owner/111122223333/filter/0123456789abcdef"})
	fmt.Println(out.Tags, err)
	_, err = client.DeleteFilter(ctx, &inspector2.DeleteFilterRequest{ARN: "a"})
	fmt.Println(err)
	_, err = client.DeleteFilter(ctx, &inspector2.DeleteFilterRequest{})
	fmt.Println(err)
	// Output:
	// map[of:arn:aws:inspector2:eu-central-1:111122223333:owner/111122223333/filter/0123456789abcdef] <nil>
	// ResourceNotFoundException: There is no such filter.
	// ValidationException: 1 validation error detected: Value at 'arn' failed to satisfy constraint: Member must have length greater than or equal to 1
}
