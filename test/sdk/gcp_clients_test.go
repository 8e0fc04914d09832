package sdk

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/cloudfunctions/v2"
	"google.golang.org/api/compute/v1"
	"google.golang.org/api/container/v1"
	"google.golang.org/api/option"

	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// googleClient returns a client signed in with the simulator's key, through its proxy, at Google's real host names.
func googleClient(t *testing.T) (sim.Cloud, *http.Client) {
	t.Helper()
	w := sim.NewWorld(sim.Options{Seed: 5, Counts: map[string]int{"gcp": 2100}, Now: time.Now})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	ctx, stop := context.WithCancel(context.Background())
	p, err := sim.NewProxy(ctx, u, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx) }()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(p.CA())
	proxy, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	c := u.Cloud("gcp")
	conf, err := google.JWTConfigFromJSON([]byte(c.Credentials().Values["credentials_json"]), compute.CloudPlatformScope)
	if err != nil {
		t.Fatal(err)
	}
	return c, conf.Client(context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: transport}))
}

// TestGooglesClientsCountTheSame lists with Google's own Go clients, which know the whole schemas, what the truth has.
func TestGooglesClientsCountTheSame(t *testing.T) {
	t.Parallel()
	c, client := googleClient(t)
	truth := c.Truth()
	want, got := map[string]int{}, map[string]int{}
	for _, r := range truth.Resources {
		want[r.Service+" "+r.Status]++
	}
	vms, err := compute.NewService(t.Context(), option.WithHTTPClient(client))
	if err != nil {
		t.Fatal(err)
	}
	gke, err := container.NewService(t.Context(), option.WithHTTPClient(client))
	if err != nil {
		t.Fatal(err)
	}
	fns, err := cloudfunctions.NewService(t.Context(), option.WithHTTPClient(client))
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]string{
		"PROVISIONING": "starting", "STAGING": "starting", "RUNNING": "running", "REPAIRING": "failed", "STOPPING": "stopping",
		"SUSPENDING": "stopping", "SUSPENDED": "stopped", "TERMINATED": "stopped", "RECONCILING": "running", "ERROR": "failed", "DEGRADED": "failed",
		"ACTIVE": "running", "DEPLOYING": "starting", "FAILED": "failed", "DELETING": "stopping", "UNKNOWN": "unknown",
	}
	for _, project := range truth.Accounts {
		err := vms.Instances.AggregatedList(project).Pages(t.Context(), func(page *compute.InstanceAggregatedList) error {
			for _, zone := range page.Items {
				for _, v := range zone.Instances {
					got["compute "+states[v.Status]]++
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		clusters, err := gke.Projects.Locations.Clusters.List("projects/" + project + "/locations/-").Do()
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range clusters.Clusters {
			got["gke "+states[k.Status]]++
		}
		err = fns.Projects.Locations.Functions.List("projects/"+project+"/locations/-").Pages(t.Context(), func(page *cloudfunctions.ListFunctionsResponse) error {
			for _, f := range page.Functions {
				got["functions "+states[f.State]]++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for k, n := range want {
		switch k[:3] {
		case "com", "gke", "fun":
			if got[k] != n {
				t.Errorf("%s: Google's client counts %d, there are %d", k, got[k], n)
			}
			delete(got, k)
		}
	}
	if len(got) > 0 {
		t.Errorf("Google's client counts %v, which do not exist", got)
	}
}
