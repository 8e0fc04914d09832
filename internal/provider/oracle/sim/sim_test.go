package oraclesim

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// at is the moment at which the tests' worlds stand still.
func at() time.Time { return sim.Epoch.Add(90 * time.Second) }

func world(count int, incidents bool) *sim.World {
	return sim.NewWorld(sim.Options{Seed: 4, Counts: map[string]int{"oracle": count}, Incidents: incidents, Now: at})
}

func newCloud(t *testing.T, w *sim.World, opts ...Option) *cloud {
	t.Helper()
	c, ok := New(w, opts...).(*cloud)
	if !ok {
		t.Fatal("New makes no cloud")
	}
	c.Fill()
	return c
}

// signed makes a request and signs it as the signing document says.
func (c *cloud) signed(t *testing.T, method, target, body string, headers ...string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	r.RequestURI = r.URL.RequestURI()
	r.Header.Set("Date", at().Format(http.TimeFormat))
	if len(headers) == 0 {
		headers = []string{"date", "(request-target)", "host"}
		if hasBody(method) {
			headers = append(headers, "content-length", "content-type", "x-content-sha256")
			sum := sha256.Sum256([]byte(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Content-Sha256", base64.StdEncoding.EncodeToString(sum[:]))
		}
	}
	c.sign(t, r, headers)
	return r
}

func (c *cloud) sign(t *testing.T, r *http.Request, headers []string) {
	t.Helper()
	s := signature{headers: headers}
	text, err := s.text(r)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(text))
	raw, err := rsa.SignPKCS1v15(nil, c.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", fmt.Sprintf(`Signature version="1",headers="%s",keyId="%s",algorithm="rsa-sha256",signature="%s"`,
		strings.Join(headers, " "), c.tenancy+"/"+c.user+"/"+c.fingerprint, base64.StdEncoding.EncodeToString(raw)))
}

func (c *cloud) do(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w.Result()
}

// get decodes the answer to a signed GET.
func (c *cloud) get(t *testing.T, target string, out any) *http.Response {
	t.Helper()
	resp := c.do(c.signed(t, http.MethodGet, target, ""))
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(data))
	if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			t.Fatalf("%s: %v in %s", target, err, data)
		}
	}
	return resp
}

func codeOf(t *testing.T, resp *http.Response) string {
	t.Helper()
	var f struct{ Code, Message string }
	if err := json.NewDecoder(resp.Body).Decode(&f); err != nil || f.Message == "" {
		t.Errorf("an error answer is no {code, message}: %v", err)
	}
	return f.Code
}

func TestOnlySignedCallsAreAnswered(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(10, false))
	target := "https://iaas.us-ashburn-1.oraclecloud.com/20160918/instances?compartmentId=" + c.tenancy
	for _, tt := range []struct {
		name   string
		change func(*http.Request)
		status int
	}{
		{"as it should be", func(*http.Request) {}, http.StatusOK},
		{"no signature", func(r *http.Request) { r.Header.Del("Authorization") }, http.StatusUnauthorized},
		{"another scheme", func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, http.StatusUnauthorized},
		{"another path", func(r *http.Request) { r.RequestURI += "&limit=5" }, http.StatusUnauthorized},
		{"another host", func(r *http.Request) { r.Host = "iaas.us-phoenix-1.oraclecloud.com" }, http.StatusUnauthorized},
		{"another date", func(r *http.Request) { r.Header.Set("Date", at().Add(time.Second).Format(http.TimeFormat)) }, http.StatusUnauthorized},
		{"an old date", func(r *http.Request) {
			r.Header.Set("Date", at().Add(-6*time.Minute).Format(http.TimeFormat))
			c.sign(t, r, []string{"date", "(request-target)", "host"})
		}, http.StatusUnauthorized},
		{"host unsigned", func(r *http.Request) { c.sign(t, r, []string{"date", "(request-target)"}) }, http.StatusUnauthorized},
		{"another user", func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "ocid1.user", "ocid1.abuser", 1))
		}, http.StatusUnauthorized},
		{"a token that is none", func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), `keyId="`, `keyId="ST$`, 1))
		}, http.StatusUnauthorized},
	} {
		r := c.signed(t, http.MethodGet, target, "")
		tt.change(r)
		resp := c.do(r)
		if resp.StatusCode != tt.status || resp.Header.Get("Opc-Request-Id") == "" {
			t.Errorf("%s: status %d, request id %q, want %d", tt.name, resp.StatusCode, resp.Header.Get("Opc-Request-Id"), tt.status)
		}
		if tt.status != http.StatusOK && codeOf(t, resp) != "NotAuthenticated" {
			t.Errorf("%s: not refused as Oracle refuses", tt.name)
		}
	}
}

func TestErrorsAreOraclesOwn(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(40, true))
	iaas := "https://iaas.us-ashburn-1.oraclecloud.com/20160918"
	identity := "https://identity.us-ashburn-1.oci.oraclecloud.com/20160918"
	metrics := "https://telemetry.us-ashburn-1.oraclecloud.com/20180401/metrics/actions/summarizeMetricsData?compartmentId="
	good := `{"namespace":"oci_computeagent","query":"CpuUtilization[1m].mean()"}`
	for _, tt := range []struct {
		name, method, target, body string
		status                     int
		code                       string
	}{
		{"unknown path", "GET", iaas + "/colours", "", 404, "NotAuthorizedOrNotFound"},
		{"another version", "GET", strings.Replace(iaas, "20160918", "20150918", 1) + "/instances?compartmentId=" + c.tenancy, "", 404, "NotAuthorizedOrNotFound"},
		{"wrong method", "DELETE", iaas + "/instances?compartmentId=" + c.tenancy, "", 405, "MethodNotAllowed"},
		{"GET where POST is", "GET", metrics + c.tenancy, "", 405, "MethodNotAllowed"},
		{"no compartment", "GET", iaas + "/instances", "", 400, "MissingParameter"},
		{"unknown compartment", "GET", iaas + "/instances?compartmentId=x", "", 404, "NotAuthorizedOrNotFound"},
		{"denied compartment", "GET", iaas + "/instances?compartmentId=" + c.restricted.id, "", 404, "NotAuthorizedOrNotFound"},
		{"denied metrics", "POST", metrics + c.restricted.id, good, 404, "NotAuthorizedOrNotFound"},
		{"unknown parameter", "GET", iaas + "/instances?colour=red&compartmentId=" + c.tenancy, "", 400, "InvalidParameter"},
		{"limit too small", "GET", iaas + "/instances?limit=0&compartmentId=" + c.tenancy, "", 400, "InvalidParameter"},
		{"limit too large", "GET", iaas + "/instances?limit=1001&compartmentId=" + c.tenancy, "", 400, "InvalidParameter"},
		{"limit no number", "GET", iaas + "/instances?limit=ten&compartmentId=" + c.tenancy, "", 400, "InvalidParameter"},
		{"bad token", "GET", iaas + "/instances?page=xx&compartmentId=" + c.tenancy, "", 400, "InvalidParameter"},
		{"bad order", "GET", iaas + "/instances?sortOrder=UP&compartmentId=" + c.tenancy, "", 400, "InvalidParameter"},
		{"another tenancy", "GET", identity + "/tenancies/ocid1.tenancy.oc1..other", "", 404, "NotAuthorizedOrNotFound"},
		{"subtree of a compartment", "GET", identity + "/compartments?compartmentIdInSubtree=true&compartmentId=" + c.compartments[1].id, "", 400, "InvalidParameter"},
		{"bad access level", "GET", identity + "/compartments?accessLevel=SOME&compartmentId=" + c.tenancy, "", 400, "InvalidParameter"},
		{"a region without subscription", "GET", strings.Replace(iaas, "us-ashburn-1", "ap-tokyo-1", 1) + "/instances?compartmentId=" + c.tenancy, "", 401, "NotAuthenticated"},
		{"a region that is not ready", "GET", strings.Replace(iaas, "us-ashburn-1", "eu-frankfurt-1", 1) + "/instances?compartmentId=" + c.tenancy, "", 401, "NotAuthenticated"},
		{"metrics of a compartment's subtree", "POST", metrics + c.compartments[1].id + "&compartmentIdInSubtree=true", good, 400, "InvalidParameter"},
		{"bad query", "POST", metrics + c.tenancy, `{"namespace":"n","query":"CpuUtilization"}`, 400, "InvalidParameter"},
		{"no namespace", "POST", metrics + c.tenancy, `{"query":"CpuUtilization[1m].mean()"}`, 400, "MissingParameter"},
		{"bad body", "POST", metrics + c.tenancy, `{`, 400, "CannotParseRequest"},
		{"unknown field", "POST", metrics + c.tenancy, `{"colour":"red"}`, 400, "CannotParseRequest"},
		{"window upside down", "POST", metrics + c.tenancy, `{"namespace":"n","query":"C[1m].mean()","startTime":"2026-11-01T12:00:00Z","endTime":"2026-11-01T11:00:00Z"}`, 400, "InvalidParameter"},
		{"resolution over interval", "POST", metrics + c.tenancy, `{"namespace":"n","query":"C[1m].mean()","resolution":"5m"}`, 400, "InvalidParameter"},
		{"too long ago", "POST", metrics + c.tenancy, `{"namespace":"n","query":"C[1m].mean()","startTime":"2026-10-01T00:00:00Z"}`, 400, "InvalidParameter"},
	} {
		resp := c.do(c.signed(t, tt.method, tt.target, tt.body))
		if code := codeOf(t, resp); resp.StatusCode != tt.status || code != tt.code {
			t.Errorf("%s: %d %s, want %d %s", tt.name, resp.StatusCode, code, tt.status, tt.code)
		}
	}
}

// TestPagesHoldEveryElementOnce whatever their length is.
func TestPagesHoldEveryElementOnce(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(150, false))
	web := c.compartments[2]
	base := "https://iaas.us-ashburn-1.oraclecloud.com/20160918/instances?compartmentId=" + web.id
	n := len(c.regions[0].instances[web])
	if n < 4 {
		t.Fatalf("%d instances in %s are too few", n, web.path)
	}
	for _, limit := range []int{1, 3, n - 1, n, n + 1, 1000} {
		seen := map[string]bool{}
		pages := 0
		for token := ""; ; pages++ {
			var page []struct{ ID string }
			target := fmt.Sprintf("%s&limit=%d", base, limit)
			if token != "" {
				target += "&page=" + url.QueryEscape(token)
			}
			resp := c.get(t, target, &page)
			for _, i := range page {
				if seen[i.ID] {
					t.Errorf("limit %d: %s comes twice", limit, i.ID)
				}
				seen[i.ID] = true
			}
			if token = resp.Header.Get("Opc-Next-Page"); token == "" {
				break
			}
		}
		if want := (n - 1) / limit; len(seen) != n || pages != want {
			t.Errorf("limit %d: %d instances after %d further pages, want %d after %d", limit, len(seen), pages, n, want)
		}
	}
	resp := c.get(t, base+"&limit=1", nil)
	token := url.QueryEscape(resp.Header.Get("Opc-Next-Page"))
	other := c.do(c.signed(t, http.MethodGet, strings.Replace(base, web.id, c.tenancy, 1)+"&page="+token, ""))
	if other.StatusCode != http.StatusBadRequest {
		t.Errorf("a token of another list is accepted: %d", other.StatusCode)
	}
}

func TestFiltersAndOrderAreObeyed(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(300, false))
	web := c.compartments[2]
	base := "https://iaas.us-ashburn-1.oraclecloud.com/20160918/instances?limit=1000&compartmentId=" + web.id
	all := c.regions[0].instances[web]
	var page []struct {
		DisplayName, LifecycleState, AvailabilityDomain string
		TimeCreated                                     time.Time
	}
	c.get(t, base+"&lifecycleState=running&availabilityDomain="+url.QueryEscape(all[0].ad), &page)
	want := 0
	for _, n := range all {
		if n.state == "RUNNING" && n.ad == all[0].ad {
			want++
		}
	}
	for _, i := range page {
		if i.LifecycleState != "RUNNING" || i.AvailabilityDomain != all[0].ad {
			t.Errorf("%s passes the filter as %s in %s", i.DisplayName, i.LifecycleState, i.AvailabilityDomain)
		}
	}
	if len(page) != want || want == 0 {
		t.Errorf("%d instances pass the filter, want %d", len(page), want)
	}
	c.get(t, base+"&sortBy=TIMECREATED", &page)
	for i := 1; i < len(page); i++ {
		if page[i].TimeCreated.After(page[i-1].TimeCreated) {
			t.Error("by time of creation, the newest does not come first")
			break
		}
	}
	c.get(t, base+"&sortBy=DISPLAYNAME&sortOrder=DESC", &page)
	for i := 1; i < len(page); i++ {
		if page[i].DisplayName > page[i-1].DisplayName {
			t.Error("by name, downwards, the order is another one")
			break
		}
	}
	if len(page) != len(all) {
		t.Errorf("%d instances in order, want %d", len(page), len(all))
	}
}

// metricsOf asks for metrics and returns the streams.
func (c *cloud) metricsOf(t *testing.T, region, compartment, body string) (int, []streamJSON) {
	t.Helper()
	target := "https://telemetry." + region + ".oraclecloud.com/20180401/metrics/actions/summarizeMetricsData?compartmentId=" + compartment
	resp := c.do(c.signed(t, http.MethodPost, target, body))
	var out []streamJSON
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode == http.StatusOK {
		if err := json.Unmarshal(data, &out); err != nil {
			t.Fatalf("%v in %s", err, data)
		}
	}
	return resp.StatusCode, out
}

type streamJSON struct {
	Namespace, Name, CompartmentID string
	Dimensions, Metadata           map[string]string
	AggregatedDatapoints           []struct {
		Timestamp time.Time
		Value     float64
	}
}

func TestMetricsAreWhatTheTruthSays(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(80, false))
	body := `{"namespace":"oci_computeagent","query":"NetworksBytesIn[1m].groupBy(resourceId).sum()","startTime":"2026-11-01T11:56:00Z","endTime":"2026-11-01T12:01:30Z"}`
	status, streams := c.metricsOf(t, "us-ashburn-1", c.tenancy+"&compartmentIdInSubtree=true", body)
	truth := map[string]float64{}
	for _, r := range c.Truth().Resources {
		if v, ok := r.Metrics["network_rx_bytes_per_second"]; ok && r.Region == "us-ashburn-1" {
			truth[r.ID] = v
		}
	}
	if status != http.StatusOK || len(streams) != len(truth) || len(truth) == 0 {
		t.Fatalf("status %d, %d streams, want %d", status, len(streams), len(truth))
	}
	for _, s := range streams {
		id := s.Dimensions["resourceId"]
		points := s.AggregatedDatapoints
		last := points[len(points)-1]
		if len(s.Dimensions) != 1 || s.Metadata["unit"] != "bytes" || s.Name != "NetworksBytesIn" || len(points) != 5 ||
			!last.Timestamp.Equal(sim.Epoch) || last.Value/60 != truth[id] {
			t.Errorf("%s: got %+v, want %v bytes a second at %s", id, s, truth[id], sim.Epoch)
		}
	}
}

func TestMetricsCanBeGroupedAndFiltered(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(200, false))
	all := c.tenancy + "&compartmentIdInSubtree=true"
	window := `"startTime":"2026-11-01T11:58:00Z","endTime":"2026-11-01T12:00:00Z"`
	ask := func(query string) []streamJSON {
		fresh(c)
		status, out := c.metricsOf(t, "us-ashburn-1", all, `{"namespace":"oci_computeagent","query":`+string(sim.AppendText(nil, query))+`,`+window+`}`)
		if status != http.StatusOK {
			t.Fatalf("%s: status %d", query, status)
		}
		return out
	}
	single, whole := ask("CpuUtilization[1m].mean()"), ask("CpuUtilization[1m].grouping().mean()")
	if len(single) < 10 || len(single[0].Dimensions) != 6 || len(whole) != 1 || len(whole[0].Dimensions) != 0 {
		t.Fatalf("%d streams alone, %d together", len(single), len(whole))
	}
	total := 0.0
	for _, s := range single {
		total += s.AggregatedDatapoints[0].Value
	}
	if mean := total / float64(len(single)); mean-whole[0].AggregatedDatapoints[0].Value > 1e-9 {
		t.Errorf("together they are %v on average, want %v", whole[0].AggregatedDatapoints[0].Value, mean)
	}
	byShape := map[string]bool{}
	for _, s := range ask("CpuUtilization[1m].groupBy(shape).max()") {
		byShape[s.Dimensions["shape"]] = true
	}
	for shape := range byShape {
		got := ask(`CpuUtilization[1m]{shape = "` + shape + `"}.count()`)
		want := 0
		for _, s := range single {
			if s.Dimensions["shape"] == shape {
				want++
			}
		}
		if len(got) != want {
			t.Errorf("%d streams of the shape %s, want %d", len(got), shape, want)
		}
	}
	if got := ask(`CpuUtilization[1m]{colour = "red"}.mean()`); len(got) != 0 {
		t.Errorf("%d streams have a dimension that does not exist", len(got))
	}
	if got := ask(`Colour[1m].mean()`); len(got) != 0 {
		t.Errorf("%d streams of a metric that does not exist", len(got))
	}
}

// fresh forgets the calls that count against the limit.
func fresh(c *cloud) {
	c.metricCalls = sim.Limiter{N: 10, Per: time.Second}
}

func TestTheEleventhCallForMetricsInASecondIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, world(10, false))
		body := `{"namespace":"oci_computeagent","query":"CpuUtilization[1m].mean()"}`
		for i := range 10 {
			if status, _ := c.metricsOf(t, "us-ashburn-1", c.tenancy, body); status != http.StatusOK {
				t.Fatalf("call %d is answered %d", i+1, status)
			}
		}
		if status, _ := c.metricsOf(t, "us-ashburn-1", c.tenancy, body); status != http.StatusTooManyRequests {
			t.Errorf("call 11 is answered %d, want 429", status)
		}
		if status, _ := c.metricsOf(t, "us-phoenix-1", c.tenancy, body); status != http.StatusOK {
			t.Errorf("in another region it is answered %d, want 200", status)
		}
		time.Sleep(time.Second)
		if status, _ := c.metricsOf(t, "us-ashburn-1", c.tenancy, body); status != http.StatusOK {
			t.Errorf("a second later it is answered %d, want 200", status)
		}
	})
}

func TestAnAnswerHoldsNoMoreThan2000Streams(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(100_000, false))
	body := `{"namespace":"oci_computeagent","query":"CpuUtilization[1m].groupBy(resourceId).mean()","startTime":"2026-11-01T12:00:00Z"}`
	_, streams := c.metricsOf(t, "us-ashburn-1", c.tenancy+"&compartmentIdInSubtree=true", body)
	if len(streams) != mostStreams {
		t.Errorf("%d streams, want the first %d of more", len(streams), mostStreams)
	}
}

// TestWorldsOfEverySizeHaveSoManyResources, and none of up to 40,000 has more instances in a region than an answer has
// streams.
func TestWorldsOfEverySizeHaveSoManyResources(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 7, 20, 199, 200, 201, 1000, 10_000, 40_000} {
		c := newCloud(t, world(n, true))
		truth := c.Truth()
		if len(truth.Resources) != n {
			t.Errorf("a world of %d has %d resources", n, len(truth.Resources))
		}
		regions := map[string]int{}
		ids := map[string]bool{}
		for _, r := range truth.Resources {
			regions[r.Region]++
			ids[r.ID] = true
		}
		if len(ids) != n {
			t.Errorf("a world of %d has %d different resources", n, len(ids))
		}
		for region, count := range regions {
			if count > 1500 {
				t.Errorf("a world of %d has %d in %s", n, count, region)
			}
		}
	}
}

func TestOneSeedMakesOneWorld(t *testing.T) {
	t.Parallel()
	a, b := newCloud(t, world(120, true)), newCloud(t, world(120, true))
	if !reflect.DeepEqual(a.Truth(), b.Truth()) || !reflect.DeepEqual(a.Credentials(), b.Credentials()) {
		t.Error("one seed makes two worlds")
	}
	other := newCloud(t, sim.NewWorld(sim.Options{Seed: 5, Counts: map[string]int{"oracle": 120}, Now: at}))
	if reflect.DeepEqual(a.Truth(), other.Truth()) {
		t.Error("two seeds make one world")
	}
}

func TestAWorldHasWhatLifeHas(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1000, false))
	seen := map[string]bool{}
	for _, r := range c.Truth().Resources {
		for _, s := range []string{"type " + r.Type, "status " + r.Status, "gpu " + r.GPUType, "region " + r.Region, "compartment " + r.Compartment} {
			seen[s] = true
		}
		seen["untagged"] = seen["untagged"] || len(r.Tags) == 0
		seen["priceless"] = seen["priceless"] || r.HourlyCost == nil && r.Status == "running"
		seen["unmeasured"] = seen["unmeasured"] || r.Status == "running" && r.Type == "instance" && len(r.Metrics) == 0
		seen["unicode"] = seen["unicode"] || strings.ContainsFunc(r.Name, func(c rune) bool { return c > 127 })
	}
	for _, want := range []string{
		"type instance", "type container_instance", "type cluster", "type node_pool", "type autonomous_database",
		"status running", "status stopped", "status starting", "status stopping", "status failed", "gpu H100", "gpu A10", "gpu ",
		"region us-ashburn-1", "region us-phoenix-1", "region eu-frankfurt-1", "compartment root", "compartment prod/web",
		"untagged", "priceless", "unmeasured", "unicode",
	} {
		if !seen[want] {
			t.Errorf("a world of 1,000 has nothing that is %q", want)
		}
	}
	if c.Truth().Denied != nil {
		t.Error("a world without incidents has denied places")
	}
	if denied := newCloud(t, world(40, true)).Truth().Denied; !slices.Contains(denied, "us-phoenix-1/restricted/oke") || len(denied) != 8 {
		t.Errorf("denied places: %q", denied)
	}
}

// TestEveryCallThatIsServedAnswersJSON also those that our own client does not make.
func TestEveryCallThatIsServedAnswersJSON(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(60, true))
	region := ".us-ashburn-1."
	var instance string
	for _, n := range c.regions[0].instances[c.compartments[0]] {
		instance = n.id
	}
	for _, tt := range []struct{ method, target, body, want string }{
		{"GET", "https://iaas" + region + "oraclecloud.com/20160918/shapes?limit=50&compartmentId=" + c.tenancy, "", `"shape":"VM.GPU.A10.1"`},
		{"GET", "https://iaas" + region + "oraclecloud.com/20160918/shapes?shape=BM.GPU4.8&compartmentId=" + c.tenancy, "", `"gpus":8`},
		{"GET", "https://iaas" + region + "oraclecloud.com/20160918/instances/" + instance, "", instance},
		{"GET", "https://identity" + region + "oci.oraclecloud.com/20160918/regions", "", `"name":"eu-zurich-1"`},
		{"GET", "https://identity" + region + "oci.oraclecloud.com/20160918/availabilityDomains?compartmentId=" + c.tenancy, "", "US-ASHBURN-1-AD-3"},
		{"GET", "https://identity" + region + "oci.oraclecloud.com/20160918/compartments/" + c.compartments[2].id, "", `"name":"web"`},
		{"GET", "https://identity" + region + "oci.oraclecloud.com/20160918/compartments?compartmentId=" + c.compartments[1].id, "", `"name":"web"`},
		{"GET", "https://identity" + region + "oci.oraclecloud.com/20160918/tenancies/" + c.tenancy, "", `"homeRegionKey":"IAD"`},
		{"GET", "https://database" + region + "oraclecloud.com/20160918/autonomousDatabases?dbWorkload=NONE&compartmentId=" + c.tenancy, "", "[]"},
		{"GET", "https://containerengine" + region + "oci.oraclecloud.com/20180222/nodePools?clusterId=none&compartmentId=" + c.tenancy, "", "[]"},
		{"GET", "https://limits" + region + "oci.oraclecloud.com/20190729/limitValues?serviceName=compute&compartmentId=" + c.tenancy, "", "gpu-h100-count"},
		{"GET", "https://query" + region + "oci.oraclecloud.com/20180409/resourceTypes", "", "AutonomousDatabase"},
		{"POST", "https://query" + region + "oci.oraclecloud.com/20180409/resources", `{"type":"Structured","query":"query all resources"}`, `"resourceType":"Instance"`},
		{"POST", "https://query" + region + "oci.oraclecloud.com/20180409/resources", `{"type":"Structured","query":"query instance resources where lifecycleState = 'NONE' && displayName != 'x'"}`, `{"items":[]}`},
		{"POST", "https://telemetry" + region + "oraclecloud.com/20180401/metrics/actions/listMetrics?compartmentIdInSubtree=true&compartmentId=" + c.tenancy, `{"namespace":"oci_computeagent","name":"CpuUtilization"}`, `"resourceDisplayName"`},
	} {
		resp := c.do(c.signed(t, tt.method, tt.target, tt.body))
		data, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK || !json.Valid(data) || !strings.Contains(string(data), tt.want) {
			t.Errorf("%s %s: %d %v %.300s, want %s", tt.method, tt.target, resp.StatusCode, err, data, tt.want)
		}
		if strings.Contains(string(data), c.restricted.id) && !strings.Contains(tt.target, "InSubtree") {
			t.Errorf("%s %s shows what may not be read", tt.method, tt.target)
		}
	}
	for _, body := range []string{`{"type":"Anything","text":"x"}`, `{"type":"Structured","query":"all"}`, `{"type":"Structured","query":"query all resources where a > 'b'"}`} {
		resp := c.do(c.signed(t, http.MethodPost, "https://query"+region+"oci.oraclecloud.com/20180409/resources", body))
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("the search %s is answered %d, want 400", body, resp.StatusCode)
		}
	}
}

func TestThePriceListIsPublic(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1, false))
	for _, tt := range []struct {
		target string
		status int
		items  int
	}{
		{"/pls/apex/cetools/api/v1/products/?currencyCode=USD", 200, len(products())},
		{"/pls/apex/cetools/api/v1/products?partNumber=B98415", 200, 1},
		{"/pls/apex/cetools/api/v1/products/?partNumber=none", 200, 0},
		{"/other", 404, 0},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+priceHost+tt.target, nil)
		resp := c.do(r)
		var list struct{ Items []any }
		if err := json.NewDecoder(resp.Body).Decode(&list); err != nil || resp.StatusCode != tt.status || len(list.Items) != tt.items {
			t.Errorf("%s: %d with %d items, %v, want %d with %d", tt.target, resp.StatusCode, len(list.Items), err, tt.status, tt.items)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+priceHost+"/pls/apex/cetools/api/v1/products/", nil)
	if resp := c.do(r); resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST is answered %d, want 405", resp.StatusCode)
	}
}

// TestSessionTokensAreGoodForTheirTime and not when they are another's.
func TestSessionTokensAreGoodForTheirTime(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1, false))
	token := c.token(&c.key.PublicKey)
	if key := c.sessionKey(token); key == nil || !key.Equal(&c.key.PublicKey) {
		t.Error("a token does not lead to its key")
	}
	parts := strings.Split(token, ".")
	for name, bad := range map[string]string{
		"changed": parts[0] + "." + parts[1] + "A." + parts[2], "unsigned": parts[0] + "." + parts[1] + ".", "none": "x", "empty": "",
	} {
		if c.sessionKey(bad) != nil {
			t.Errorf("a token that is %s is accepted", name)
		}
	}
	later := newCloud(t, sim.NewWorld(sim.Options{Seed: 4, Counts: map[string]int{"oracle": 1}, Now: func() time.Time { return at().Add(2 * time.Hour) }}))
	if later.sessionKey(token) != nil {
		t.Error("a token is accepted after its time")
	}
}

func TestMetadataIsForItsOwnMachine(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1, false))
	for _, tt := range []struct {
		path, authorization string
		status              int
	}{
		{"/opc/v2/instance/region", "Bearer Oracle", 200}, {"/opc/v2/instance/regionInfo", "Bearer Oracle", 200},
		{"/opc/v2/identity/cert.pem", "Bearer Oracle", 200}, {"/opc/v2/identity/key.pem", "Bearer Oracle", 200},
		{"/opc/v2/identity/key.pem", "", 403}, {"/opc/v1/instance/", "Bearer Oracle", 404},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+metadataHost+tt.path, nil)
		r.Header.Set("Authorization", tt.authorization)
		if resp := c.do(r); resp.StatusCode != tt.status {
			t.Errorf("%s with %q: %d, want %d", tt.path, tt.authorization, resp.StatusCode, tt.status)
		}
	}
}

func TestFailWritesOraclesErrors(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1, false))
	for status, want := range map[int]string{
		400: "InvalidParameter", 401: "NotAuthenticated", 403: "NotAuthorized", 404: "NotAuthorizedOrNotFound", 405: "MethodNotAllowed",
		429: "TooManyRequests", 500: "InternalServerError", 503: "ServiceUnavailable", 502: "InternalServerError",
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header.Set("Opc-Request-Id", "mine")
		c.Fail(w, r, status)
		if resp := w.Result(); resp.StatusCode != status || codeOf(t, resp) != want || !strings.HasPrefix(resp.Header.Get("Opc-Request-Id"), "mine/") {
			t.Errorf("%d: got %d %s, want %s", status, resp.StatusCode, resp.Header.Get("Opc-Request-Id"), want)
		}
	}
}

// BenchmarkTenThousand serves the instances and the six metrics of ten thousand resources.
func BenchmarkTenThousand(b *testing.B) {
	c, ok := New(world(10_000, false)).(*cloud)
	if !ok {
		b.Fatal("New makes no cloud")
	}
	c.Fill()
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, at := range c.live() {
			for _, k := range c.compartments {
				for _, i := range at.instances[k] {
					n += len(i.appendJSON(nil))
				}
			}
			for _, m := range c.spaces[0].metrics[:6] {
				s, f := c.summary(&summarizeDetails{Namespace: "oci_computeagent", Query: m.name + "[1m].groupBy(resourceId).mean()", StartTime: new(sim.Epoch.Add(-4 * time.Minute))})
				if f != nil {
					b.Fatal(f)
				}
				s.emit(c, at, nil)
				n += len(s.out)
			}
		}
		b.SetBytes(int64(n))
	}
}
