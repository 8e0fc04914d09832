package sdk

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// TestEveryReadOfRunPodIsAsPublished asks the simulator what the description can be asked, our client or not, and holds
// each request and answer against it.
func TestEveryReadOfRunPodIsAsPublished(t *testing.T) {
	t.Parallel()
	w := sim.NewWorld(sim.Options{Seed: 5, Counts: map[string]int{"runpod": 60}})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	check := newContract(t, spec(t, "runpod/runpod-docs.api-reference-v2.openapi.json"), "api.runpod.io")
	check.base = u.Transport()
	key := u.Cloud("runpod").Credentials().Values["api_key"]
	first := func(service string) string {
		i := slices.IndexFunc(u.Cloud("runpod").Truth().Resources, func(r sim.Resource) bool { return r.Service == service })
		return u.Cloud("runpod").Truth().Resources[i].ID
	}
	pod, endpoint := first("pods"), first("serverless")
	const stock = "include=AVAILABILITY&product=POD"
	for _, c := range []struct {
		target string
		status int
	}{
		{"account/ssh-keys", 200}, {"pods", 200}, {"pods?includeClusterPods=true", 200}, {"pods?includeClusterPods=false", 200},
		{"pods/" + pod, 200}, {"pods/nobody", 404}, {"clusters", 200}, {"clusters/" + first("clusters"), 200},
		{"clusters/" + first("clusters") + "/pods", 200}, {"clusters/nobody", 404}, {"serverless", 200}, {"serverless/" + endpoint, 200},
		{"serverless/nobody", 404}, {"serverless/" + endpoint + "/workers", 200}, {"serverless/nobody/workers", 404},
		{"serverless/" + endpoint + "/releases", 200}, {"templates", 200}, {"templates/9x4m2p7v", 200}, {"templates/nobody", 404},
		{"network-volumes", 200}, {"network-volumes/" + first("network_volumes"), 200}, {"network-volumes/nobody", 404},
		{"registries", 200}, {"registries/6n2k8v4d", 200}, {"registries/nobody", 404}, {"registries/delegations", 200},
		{"catalog/gpus", 200}, {"catalog/gpus?" + stock, 200}, {"catalog/gpus?" + stock + ",CLUSTER&cloud=COMMUNITY&count=4", 200},
		{"catalog/gpus?" + stock + "&countryCodes=FR,US&minCudaVersion=12", 200}, {"catalog/gpus?" + stock + "&cudaVersions=12.8", 200},
		{"catalog/gpus?include=AVAILABILITY", 400}, {"catalog/gpus?product=POD", 400},
		{"catalog/gpus/NVIDIA%20L40S?" + stock, 200}, {"catalog/gpus/nothing", 404},
		{"catalog/cpus", 200}, {"catalog/cpus?" + stock + "&vcpuCount=4", 200}, {"catalog/cpus/cpu5c?" + stock, 200}, {"catalog/cpus/nothing", 404},
		{"catalog/datacenters", 200}, {"catalog/datacenters?include=GPU_AVAILABILITY,CPU_AVAILABILITY&regions=EUROPE,ASIA", 200},
		{"catalog/datacenters?networkVolumeTypes=STANDARD&compliance=GDPR&globalNetwork=true", 200},
		{"catalog/datacenters/EU-RO-1?include=GPU_AVAILABILITY", 200}, {"catalog/datacenters/XX", 404},
		{"catalog/templates", 200}, {"catalog/templates?source=community", 200},
		{"billing", 200}, {"billing?lastN=3&bucketSize=week", 200},
		{"billing/pods?startTime=2026-10-20T00:00:00Z&endTime=2026-10-22T00:00:00Z", 200}, {"billing/pods?lastN=2&podId=" + pod, 200},
		{"billing/serverless?lastN=2&bucketSize=hour", 200}, {"billing/serverless?lastN=2&serverlessId=" + endpoint, 200},
		{"billing/endpoints?lastN=2&bucketSize=month", 200}, {"billing/network-volumes?lastN=2&bucketSize=year", 200},
		{"billing/clusters?lastN=2&clusterId=" + first("clusters"), 200},
	} {
		w2, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.runpod.io/v2/"+c.target, nil)
		if err != nil {
			t.Fatal(err)
		}
		w2.Header.Set("Authorization", "Bearer "+key)
		resp, err := check.RoundTrip(w2)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusTooManyRequests {
			t.Fatal("the minute's calls are used up: the list of this test has grown too long for one world")
		}
		if resp.StatusCode != c.status {
			t.Errorf("%s: got %d, want %d: %.200s", c.target, resp.StatusCode, c.status, body)
		}
	}
	// A check of requests that are wrong on purpose says so of the request; what remains is about answers.
	check.breaches = slices.DeleteFunc(check.breaches, func(b string) bool {
		return strings.Contains(b, "catalog/gpus?include=AVAILABILITY:") || strings.Contains(b, "catalog/gpus?product=POD:")
	})
	check.report(t)
}
