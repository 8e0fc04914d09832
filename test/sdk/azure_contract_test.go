package sdk

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// partly holds only the calls that a description knows against it: Azure publishes one for each resource provider.
type partly struct {
	*contract
	paths *regexp.Regexp
}

// RoundTrip implements http.RoundTripper.
func (p partly) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Hostname() == p.host && p.paths.MatchString(r.URL.Path) {
		return p.contract.RoundTrip(r)
	}
	return p.base.RoundTrip(r)
}

// pathsOf matches the paths of a description.
func pathsOf(t *testing.T, document []byte) *regexp.Regexp {
	t.Helper()
	var doc struct{ Paths map[string]json.RawMessage }
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	var forms []string
	for p := range doc.Paths {
		forms = append(forms, regexp.MustCompile(`\\\{[^}]*\\\}`).ReplaceAllString(regexp.QuoteMeta(p), "[^/]+"))
	}
	return regexp.MustCompile("^(" + strings.Join(forms, "|") + ")$")
}

// TestAzuresTrafficIsAsPublished holds our client's calls, and the calls of those who ask for more, against Azure's own
// descriptions. These are of older versions, whose fields the newer ones kept.
func TestAzuresTrafficIsAsPublished(t *testing.T) {
	t.Parallel()
	for file, more := range map[string][]string{
		"resourcegraph":           {"/providers/Microsoft.ResourceGraph/operations"},
		"compute-skus":            {"/subscriptions/{id}/providers/Microsoft.Compute/skus"},
		"resources-subscriptions": {"/tenants", "/subscriptions/{id}", "/subscriptions/{id}/locations", "/providers/Microsoft.Resources/operations"},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			document := spec(t, "azure/apisguru-"+file+".json")
			// Since version 2021-03-01 a query without subscriptions is about all of them.
			document = bytes.ReplaceAll(document, []byte(`"required":["subscriptions","query"]`), []byte(`"required":["query"]`))
			check := newContract(t, document, "management.azure.com")
			w := sim.NewWorld(sim.Options{Seed: 5, Counts: map[string]int{"azure": 60}})
			u := sim.NewUniverse(w, all.Clouds(w)...)
			c := u.Cloud("azure")
			check.base = u.Transport()
			ask := &http.Client{Transport: partly{check, pathsOf(t, document)}}
			readAll(t, azureOver(t, c, w, ask.Transport))
			token := azureToken(t, ask, c.Credentials().Values)
			for _, path := range more {
				path = strings.ReplaceAll(path, "{id}", c.Truth().Accounts[0])
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://management.azure.com"+path+"?api-version=2019-04-01", nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Authorization", "Bearer "+token)
				resp, err := ask.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusOK || check.checked["GET "+path] == 0 {
					t.Errorf("%s: HTTP %d, checked %d times", path, resp.StatusCode, check.checked["GET "+path])
				}
			}
			check.report(t)
		})
	}
}

// azureOver is a connection of ours over a transport.
func azureOver(t *testing.T, c sim.Cloud, w *sim.World, over http.RoundTripper) *provider.Conn {
	t.Helper()
	spec, ok := all.Specs().Lookup("azure")
	if !ok {
		t.Fatal("no provider azure")
	}
	conn := provider.NewConn(spec)
	if err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "oauth", Source: "test", Values: c.Credentials().Values}, Transport: over, Now: w.Now,
	}); err != nil {
		t.Fatal(err)
	}
	return conn
}

// azureToken signs in by hand.
func azureToken(t *testing.T, client *http.Client, v map[string]string) string {
	t.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {v["client_id"]}, "client_secret": {v["client_secret"]}, "resource": {"https://management.azure.com/"},
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://login.microsoftonline.com/"+v["tenant_id"]+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Token == "" {
		t.Fatalf("no token: HTTP %d, %v", resp.StatusCode, err)
	}
	return answer.Token
}
