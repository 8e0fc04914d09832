package gcpsim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2/google"

	gcpsim "github.com/adsops/cloudtop/internal/provider/gcp/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

// account is a simulated cloud with a token to read it.
type account struct {
	sim.Cloud
	token string
}

// signIn gets a token as Google's own library signs for one, which uses the machine's clock.
func signIn(t testing.TB, o sim.Options) *account {
	t.Helper()
	o.Now = time.Now
	a := &account{Cloud: gcpsim.New(sim.NewWorld(o))}
	conf, err := google.JWTConfigFromJSON([]byte(a.Credentials().Values["credentials_json"]), "https://www.googleapis.com/auth/cloud-platform")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = "oauth2.googleapis.com"
		a.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	client := server.Client()
	base := client.Transport
	client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		r.URL.Host = strings.TrimPrefix(server.URL, "https://")
		return base.RoundTrip(r)
	})
	token, err := conf.TokenSource(withClient(t, client)).Token()
	if err != nil {
		t.Fatal(err)
	}
	a.token = token.AccessToken
	return a
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// get answers a GET of "host/path" as the account's token lets it.
func (a *account) get(target string) (status int, body map[string]any) {
	r := httptest.NewRequest(http.MethodGet, "https://"+target, nil)
	r.Header.Set("Authorization", "Bearer "+a.token)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	_ = json.Unmarshal(w.Body.Bytes(), &body)
	return w.Code, body
}

func TestDoorsAreClosedWithoutAGoodToken(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1})
	const target = "cloudresourcemanager.googleapis.com/v3/projects:search"
	if status, _ := a.get(target); status != http.StatusOK {
		t.Errorf("a good token: got %d, want 200", status)
	}
	for _, bad := range []string{"", a.token + "x", "ya29.c.sim.9999999999." + a.token[len(a.token)-64:]} {
		b := account{a.Cloud, bad}
		if status, body := b.get(target); status != http.StatusUnauthorized || body["error"].(map[string]any)["status"] != "UNAUTHENTICATED" {
			t.Errorf("token %q: got %d %v, want 401", bad, status, body)
		}
	}
}

func TestAssertionsAreVerified(t *testing.T) {
	t.Parallel()
	a := gcpsim.New(sim.NewWorld(sim.Options{Seed: 1}))
	for assertion, want := range map[string]string{
		"": "invalid_grant", "a.b.c": "invalid_grant", "eyJhbGciOiJub25lIn0.e30.": "invalid_grant",
	} {
		form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}
		r := httptest.NewRequest(http.MethodPost, "https://oauth2.googleapis.com/token", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q: got %d %s, want 400 %s", assertion, w.Code, w.Body, want)
		}
	}
}

func TestAggregatedListsArePagedOverZones(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 60}})
	project := a.Truth().Accounts[0]
	want := 0
	for _, r := range a.Truth().Resources {
		if r.Service == "compute" && r.Account == project {
			want++
		}
	}
	seen, token, pages := map[string]bool{}, "", 0
	for {
		status, body := a.get("compute.googleapis.com/compute/v1/projects/" + project + "/aggregated/instances?maxResults=7&pageToken=" + token)
		if status != http.StatusOK {
			t.Fatalf("got %d %v", status, body)
		}
		on := 0
		for zone, part := range body["items"].(map[string]any) {
			all, _ := part.(map[string]any)["instances"].([]any)
			if len(all) == 0 && part.(map[string]any)["warning"].(map[string]any)["code"] != "NO_RESULTS_ON_PAGE" {
				t.Errorf("%s is empty without a word", zone)
			}
			for _, v := range all {
				seen[v.(map[string]any)["id"].(string)] = true
				on++
			}
		}
		pages++
		next, more := body["nextPageToken"].(string)
		if on > 7 || (more && on != 7) {
			t.Errorf("page %d has %d instances", pages, on)
		}
		if !more {
			break
		}
		token = next
	}
	if len(seen) != want || pages != (want+6)/7 {
		t.Errorf("got %d instances on %d pages, want %d", len(seen), pages, want)
	}
}

func TestRequestsThatGoogleRefuses(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1, Incidents: true})
	p := a.Truth().Accounts[0]
	series := "monitoring.googleapis.com/v3/projects/" + p + "/timeSeries?"
	span := "&interval.startTime=2026-11-01T11:50:00Z&interval.endTime=2026-11-01T12:00:00Z&aggregation.alignmentPeriod=60s"
	cpu := `filter=` + url.QueryEscape(`metric.type = "compute.googleapis.com/instance/cpu/utilization"`)
	for target, want := range map[string]int{
		"compute.googleapis.com/compute/v1/projects/" + p + "/aggregated/instances?maxResults=501":     400,
		"compute.googleapis.com/compute/v1/projects/" + p + "/aggregated/instances?nonsense=1":         400,
		"compute.googleapis.com/compute/v1/projects/" + p + "/aggregated/instances?fields=items(":      400,
		"compute.googleapis.com/compute/v1/projects/" + p + "/aggregated/instances?pageToken=x":        400,
		"compute.googleapis.com/compute/v1/projects/" + p + "/nonsense":                                404,
		"compute.googleapis.com/compute/v1/projects/legal-vault-31/aggregated/instances":               403,
		"sqladmin.googleapis.com/v1/projects/dev-sandbox-4711/instances":                               403,
		"run.googleapis.com/v2/projects/" + p + "/locations/-/services":                                400,
		"run.googleapis.com/v2/projects/" + p + "/locations/mars-west1/services":                       404,
		"cloudfunctions.googleapis.com/v2/projects/" + p + "/locations/-/functions":                    200,
		series + cpu + span + "&aggregation.perSeriesAligner=ALIGN_MEAN":                               200,
		series + cpu + span + "&aggregation.perSeriesAligner=ALIGN_RATE":                               400,
		series + cpu + "&aggregation.perSeriesAligner=ALIGN_MEAN":                                      400,
		series + "filter=" + url.QueryEscape(`resource.type = "gce_instance"`) + span:                  400,
		series + "filter=" + url.QueryEscape(`metric.type = "compute.googleapis.com/nonsense"`) + span: 404,
	} {
		if status, body := a.get(target); status != want {
			t.Errorf("%s: got %d %v, want %d", target, status, body, want)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "https://compute.googleapis.com/compute/v1/projects/"+p+"/aggregated/instances", nil)
	r.Header.Set("Authorization", "Bearer "+a.token)
	w := httptest.NewRecorder()
	if a.ServeHTTP(w, r); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d, want 405", w.Code)
	}
}

func TestQuotasAreHeld(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1})
	target := "compute.googleapis.com/compute/v1/projects/" + a.Truth().Accounts[0] + "/aggregated/instances"
	for i := range 751 {
		status, body := a.get(target)
		if refused := status == http.StatusForbidden && strings.Contains(fmt.Sprint(body), "rateLimitExceeded"); refused != (i == 750) {
			t.Fatalf("call %d: got %d %v", i+1, status, body)
		}
	}
}

func BenchmarkTenThousandResources(b *testing.B) {
	a := signIn(b, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 10_000}})
	now := time.Now().UTC()
	span := "&interval.startTime=" + now.Add(-7*time.Minute).Format(time.RFC3339) + "&interval.endTime=" + now.Format(time.RFC3339) +
		"&aggregation.alignmentPeriod=60s&aggregation.perSeriesAligner=ALIGN_MEAN&filter=" +
		url.QueryEscape(`metric.type = "compute.googleapis.com/instance/cpu/utilization"`)
	for b.Loop() {
		for _, p := range a.Truth().Accounts {
			r := httptest.NewRequest(http.MethodGet, "https://monitoring.googleapis.com/v3/projects/"+p+"/timeSeries?"+span, nil)
			r.Header.Set("Authorization", "Bearer "+a.token)
			a.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
}
