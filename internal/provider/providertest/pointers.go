package providertest

import "github.com/adsops/cloudtop/internal/cloud"

// Pointers returns pointers to the resources, as provider.Pricer takes them.
func Pointers(resources []cloud.Resource) []*cloud.Resource {
	out := make([]*cloud.Resource, len(resources))
	for i := range resources {
		out[i] = &resources[i]
	}
	return out
}
