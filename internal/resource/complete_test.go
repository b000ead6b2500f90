package resource

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestComplete(t *testing.T) {
	t.Parallel()
	const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/shop/providers"
	aws := Cloud{Provider: "AWS", Account: "111122223333", Region: "eu-central-1"}
	azure := Cloud{Provider: "AZURE", Account: "00000000-0000-4000-8000-000000000001", Region: "westeurope"}
	for _, tt := range []struct {
		name     string
		in, want Resource
	}{
		{
			"image",
			Resource{
				Type: Image, ID: "arn:aws:ecr:eu-central-1:111122223333:repository/shop/api/sha256:ab", Name: "registry.example.com:5000/shop/api",
				Account: "111122223333", Region: "eu-central-1", Tags: []string{"registry.example.com:5000/shop/api:1", "1", "latest"}, Created: "2026-01-02T00:00:00Z",
			},
			Resource{
				Type: Image, ID: "arn:aws:ecr:eu-central-1:111122223333:repository/shop/api/sha256:ab", Name: "registry.example.com:5000/shop/api", Digest: "sha256:ab",
				Account: "111122223333", Region: "eu-central-1", Tags: []string{"1", "latest"}, Created: "2026-01-02T00:00:00Z",
				Cloud: aws, Image: ImageUse{Registry: "registry.example.com:5000", Repository: "shop/api", Pushed: "2026-01-02T00:00:00Z"},
			},
		},
		{
			"archive",
			Resource{Type: Image, Name: "./image.tar", Account: "111122223333", Region: "eu-central-1"},
			Resource{
				Type: Image, Name: "./image.tar", Account: "111122223333", Region: "eu-central-1",
				Cloud: aws, Image: ImageUse{Registry: "111122223333", Repository: "./image.tar"},
			},
		},
		{
			"stated",
			Resource{
				Type: Image, Name: "a", Cloud: aws,
				Image: ImageUse{Registry: "quay.example", Repository: "b/c", Pushed: "2026-01-02T00:00:00Z"}, Created: "2025-01-02T00:00:00Z",
			},
			Resource{
				Type: Image, Name: "a", Cloud: aws,
				Image: ImageUse{Registry: "quay.example", Repository: "b/c", Pushed: "2026-01-02T00:00:00Z"}, Created: "2025-01-02T00:00:00Z",
			},
		},
		{
			"image in Azure",
			Resource{
				Type: AzureImage, ID: subscription + "/microsoft.containerregistry/registries/shop/repositories/web/api/images/sha256:ab",
				Account: "111122223333", Region: "eu-central-1", Cloud: Cloud{Account: azure.Account, Region: azure.Region},
			},
			Resource{
				Type: AzureImage, ID: subscription + "/microsoft.containerregistry/registries/shop/repositories/web/api/images/sha256:ab", Digest: "sha256:ab",
				Account: "111122223333", Region: "eu-central-1", Cloud: azure, Image: ImageUse{Registry: "shop.azurecr.io", Repository: "web/api"},
			},
		},
		{
			"function",
			Resource{
				Type: Function, ID: "arn:aws:lambda:eu-central-1:111122223333:function:orders (1):$LATEST", Name: "orders (1).zip",
				Account: "111122223333", Region: "eu-central-1", Created: "2026-01-02T00:00:00Z",
			},
			Resource{
				Type: Function, ID: "arn:aws:lambda:eu-central-1:111122223333:function:orders (1):$LATEST", Name: "orders (1).zip",
				Account: "111122223333", Region: "eu-central-1", Created: "2026-01-02T00:00:00Z",
				Cloud: aws, Function: Runtime{Name: "orders-1-", Modified: "2026-01-02T00:00:00Z", Package: "ZIP"},
			},
		},
		{
			"function in Azure",
			Resource{Type: AzureFunction, ID: subscription + "/microsoft.web/sites/orders", Cloud: azure},
			Resource{Type: AzureFunction, ID: subscription + "/microsoft.web/sites/orders", Cloud: azure, Function: Runtime{Name: "orders", Package: "ZIP"}},
		},
		{
			"code",
			Resource{Type: Code, ID: "x", Name: "shop", Account: "111122223333", Region: "eu-central-1"},
			Resource{Type: Code, ID: "x", Name: "shop", Account: "111122223333", Region: "eu-central-1", Cloud: aws, Code: CodeHost{Project: "shop"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := tt.in.Complete()
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(got, got.Complete()); diff != "" {
				t.Errorf("again (-first +second):\n%s", diff)
			}
		})
	}
}
