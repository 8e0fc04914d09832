package oraclesim

import (
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"testing"
)

// TestHostsAreOracles: every endpoint is at one of them, and what is at none is not served.
func TestHostsAreOracles(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(10, false))
	served := func(host string) bool {
		return slices.ContainsFunc(c.Hosts(), func(p string) bool { ok, err := path.Match(p, host); return err == nil && ok })
	}
	for i := range c.routes {
		if host := hostOf(c.routes[i].service, "us-ashburn-1"); !served(host) {
			t.Errorf("%s is at %s, which is not among the hosts", c.routes[i].path, host)
		}
	}
	for _, host := range []string{priceHost, metadataHost, "auth.us-ashburn-1.oraclecloud.com"} {
		if !served(host) {
			t.Errorf("%s is not among the hosts", host)
		}
	}
	for _, host := range []string{"www.oracle.com", "objectstorage.us-ashburn-1.oraclecloud.com", "iaas.oraclecloud.com.example"} {
		if served(host) {
			t.Errorf("%s is among the hosts", host)
		}
	}
	if c.Name() != "oracle" {
		t.Errorf("the cloud is called %s", c.Name())
	}
	for host, want := range map[string][2]string{
		"iaas.us-phoenix-1.oraclecloud.com": {"iaas", "us-phoenix-1"}, "identity.us-phoenix-1.oci.oraclecloud.com": {"identity", "us-phoenix-1"},
		priceHost: {priceHost, ""}, metadataHost: {metadataHost, ""}, "nonsense": {"nonsense", ""},
	} {
		if service, region := split(host); service != want[0] || region != want[1] {
			t.Errorf("%s is %s in %s, want %v", host, service, region, want)
		}
	}
}

// TestCredentialsAreOfOneUser in every form: file, variables, values.
func TestCredentialsAreOfOneUser(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(10, false))
	got := c.Credentials()
	config := got.Files[".oci/config"]
	for _, line := range []string{
		"[DEFAULT]", "user=" + c.user, "tenancy=" + c.tenancy, "fingerprint=" + c.fingerprint, "region=us-ashburn-1", "key_file={home}/.oci/key.pem",
	} {
		if !slices.Contains(strings.Split(config, "\n"), line) {
			t.Errorf("the configuration has no line %s:\n%s", line, config)
		}
	}
	if got.Files[".oci/key.pem"] != got.Values["private_key"] || fingerprintOf(&parseKey(got.Values["private_key"]).PublicKey) != got.Values["fingerprint"] {
		t.Error("the key is not the one that the fingerprint is of")
	}
	for _, name := range []string{"OCI_CLI_CONFIG_FILE", "OCI_CONFIG_FILE"} {
		if got.Env[name] != "{home}/.oci/config" {
			t.Errorf("%s is %q", name, got.Env[name])
		}
	}
}

// TestPagesAreCut at the limit that is asked for, the service's own, or a hundred.
func TestPagesAreCut(t *testing.T) {
	t.Parallel()
	plain, short := newCloud(t, world(1, false)), newCloud(t, world(1, false), LongestPage(3))
	for _, tt := range []struct {
		name     string
		c        *cloud
		n        int
		query    string
		from, to int
		next     bool
		refused  bool
	}{
		{"nothing", plain, 0, "", 0, 0, false, false}, {"one", plain, 1, "", 0, 1, false, false}, {"a hundred", plain, 100, "", 0, 100, false, false},
		{"one more", plain, 101, "", 0, 100, true, false}, {"a limit", plain, 101, "limit=7", 0, 7, true, false}, {"the most", plain, 5000, "limit=1000", 0, 1000, true, false},
		{"more than there are", plain, 5, "limit=1000", 0, 5, false, false}, {"exactly as many", plain, 5, "limit=5", 0, 5, false, false},
		{"a shorter service", short, 5, "limit=1000", 0, 3, true, false}, {"a shorter service, less asked", short, 5, "limit=2", 0, 2, true, false},
		{"no limit at all", plain, 5, "limit=", 0, 5, false, false},
		{"zero", plain, 5, "limit=0", 0, 0, false, true}, {"below", plain, 5, "limit=-1", 0, 0, false, true}, {"above", plain, 5, "limit=1001", 0, 0, false, true},
		{"words", plain, 5, "limit=all", 0, 0, false, true}, {"a fraction", plain, 5, "limit=1.5", 0, 0, false, true},
		{"a token that is none", plain, 5, "page=xyz", 0, 0, false, true}, {"a token that is no base64", plain, 5, "page=%25", 0, 0, false, true},
		{"the token of the beginning", plain, 5, "page=MHwvbGlzdD8", 0, 0, false, true}, // 0|/list?
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/list?"+tt.query, nil)
		from, to, f := tt.c.page(w, r, tt.n)
		if next := w.Header().Get("Opc-Next-Page") != ""; from != tt.from || to != tt.to || next != tt.next || (f != nil) != tt.refused {
			t.Errorf("%s: %d to %d, next %v, %+v, want %d to %d, next %v", tt.name, from, to, next, f, tt.from, tt.to, tt.next)
		}
		if f != nil && (f.status != http.StatusBadRequest || f.Code != "InvalidParameter" || f.Message == "") {
			t.Errorf("%s: refused with %+v", tt.name, f)
		}
	}
}

// TestTokensAreGoodForTheirList: another path or another filter refuses them, another limit does not.
func TestTokensAreGoodForTheirList(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1, false))
	cut := func(target string, n int) (int, int, *fault, string) {
		w := httptest.NewRecorder()
		from, to, f := c.page(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil), n)
		return from, to, f, w.Header().Get("Opc-Next-Page")
	}
	_, _, _, token := cut("/list?a=1&limit=2", 9)
	for target, want := range map[string]bool{
		"/list?a=1&limit=2&page=": true, "/list?limit=4&a=1&page=": true, "/list?a=2&limit=2&page=": false, "/list?limit=2&page=": false,
		"/other?a=1&limit=2&page=": false, "/list?a=1&b=2&limit=2&page=": false,
	} {
		from, _, f, _ := cut(target+token, 9)
		if (f == nil) != want || want && from != 2 {
			t.Errorf("%s is cut from %d, %+v, want it to be good: %v", target, from, f, want)
		}
	}
	if from, to, f, next := cut("/list?a=1&limit=2&page="+token, 1); from != 1 || to != 1 || f != nil || next != "" {
		t.Errorf("of a list that has become shorter it cuts %d to %d, %+v, %q", from, to, f, next)
	}
}

// TestRequestsHaveAnIDOfBothSides, a new one for each.
func TestRequestsHaveAnIDOfBothSides(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1, false))
	seen := map[string]bool{}
	for _, sent := range []string{"", "", "mine", "mine"} {
		r := c.signed(t, http.MethodGet, "https://identity.us-ashburn-1.oci.oraclecloud.com/20160918/regions", "")
		if sent != "" {
			r.Header.Set("Opc-Request-Id", sent)
		}
		id := c.do(r).Header.Get("Opc-Request-Id")
		if parts := strings.Split(id, "/"); len(parts) != 3 || sent != "" && parts[0] != sent || len(parts[1]) != 32 || seen[id] {
			t.Errorf("the request %q has the id %s", sent, id)
		}
		seen[id] = true
	}
}

func TestAnEmptyTextIsNull(t *testing.T) {
	t.Parallel()
	if orNull("") != nil || orNull("x") != "x" {
		t.Error("an empty text is null, and no other")
	}
}

// FuzzPageToken: no token makes a page reach beyond its list.
func FuzzPageToken(f *testing.F) {
	c, ok := New(world(1, false)).(*cloud)
	if !ok {
		f.Fatal("New makes no cloud")
	}
	f.Add("MnwvbGlzdD8", 5, "3")
	f.Add("x", 0, "")
	f.Fuzz(func(t *testing.T, token string, n int, limit string) {
		if n < 0 || n > 1<<20 {
			return
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/list", nil)
		q := r.URL.Query()
		q.Set("page", token)
		q.Set("limit", limit)
		r.URL.RawQuery = q.Encode()
		from, to, fault := c.page(httptest.NewRecorder(), r, n)
		if fault == nil && (from < 0 || to < from || to > n) {
			t.Errorf("%q of %d with %q is %d to %d", token, n, limit, from, to)
		}
	})
}
