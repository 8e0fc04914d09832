package sdk

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/cloudfunctions/v2"
	"google.golang.org/api/cloudresourcemanager/v3"
	"google.golang.org/api/compute/v1"
	"google.golang.org/api/container/v1"
	"google.golang.org/api/monitoring/v3"
	"google.golang.org/api/option"
	cloudrun "google.golang.org/api/run/v2"
	"google.golang.org/api/sqladmin/v1"

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

// TestGooglesClientsReadWhatIsManaged counts databases, services, projects and metrics with Google's own Go clients.
func TestGooglesClientsReadWhatIsManaged(t *testing.T) {
	t.Parallel()
	c, client := googleClient(t)
	truth := c.Truth()
	databases, err := sqladmin.NewService(t.Context(), option.WithHTTPClient(client))
	if err != nil {
		t.Fatal(err)
	}
	services, err := cloudrun.NewService(t.Context(), option.WithHTTPClient(client))
	if err != nil {
		t.Fatal(err)
	}
	manager, err := cloudresourcemanager.NewService(t.Context(), option.WithHTTPClient(client))
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := monitoring.NewService(t.Context(), option.WithHTTPClient(client))
	if err != nil {
		t.Fatal(err)
	}
	var projects []string
	err = manager.Projects.Search().Query("state:ACTIVE").Pages(t.Context(), func(page *cloudresourcemanager.SearchProjectsResponse) error {
		for _, p := range page.Projects {
			projects = append(projects, p.ProjectId)
		}
		return nil
	})
	if slices.Sort(projects); err != nil || !slices.Equal(projects, slices.Sorted(slices.Values(truth.Accounts))) {
		t.Errorf("Google's client finds the projects %v, %v; there are %v", projects, err, truth.Accounts)
	}
	got := map[string]int{}
	for _, p := range projects {
		err := databases.Instances.List(p).MaxResults(50).Pages(t.Context(), func(page *sqladmin.InstancesListResponse) error {
			got["sql"] += len(page.Items)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, region := range []string{"asia-northeast1", "europe-west1", "europe-west4", "southamerica-east1", "us-central1", "us-east1"} {
			err := services.Projects.Locations.Services.List("projects/"+p+"/locations/"+region).PageSize(20).
				Pages(t.Context(), func(page *cloudrun.GoogleCloudRunV2ListServicesResponse) error {
					got["run"] += len(page.Services)
					return nil
				})
			if err != nil {
				t.Fatal(err)
			}
		}
		now := time.Now()
		err = metrics.Projects.TimeSeries.List("projects/"+p).Filter(`metric.type = "compute.googleapis.com/instance/cpu/utilization"`).
			IntervalStartTime(now.Add(-10*time.Minute).Format(time.RFC3339)).IntervalEndTime(now.Format(time.RFC3339)).
			AggregationAlignmentPeriod("60s").AggregationPerSeriesAligner("ALIGN_MEAN").
			Pages(t.Context(), func(page *monitoring.ListTimeSeriesResponse) error {
				for _, s := range page.TimeSeries {
					if v := s.Points[0].Value.DoubleValue; v == nil || *v < 0 || *v > 1 || page.Unit != "10^2.%" {
						t.Errorf("got %v in %s", v, page.Unit)
					}
					got["metrics"]++
				}
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
	}
	count := map[string]int{"metrics": len(projects)} // each project has one machine more, which was deleted a minute ago
	for _, r := range truth.Resources {
		count[r.Service]++
		if _, measured := r.Metrics["cpu_usage_percent"]; measured && r.Service == "compute" {
			count["metrics"]++
		}
	}
	for what, n := range got {
		if n != count[what] || n == 0 {
			t.Errorf("%s: Google's client counts %d, there are %d", what, n, count[what])
		}
	}
}
