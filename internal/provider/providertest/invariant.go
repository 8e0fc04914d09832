package providertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/glob"
)

// marker is what simulators put where real answers hold secrets: env, api_key, token and the like.
const marker = "MARKER-SECRET"

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// mustBeClean checks what must hold of whatever a task found: nothing shows a secret, errors are classified, and
// resources are well-formed.
func (x *session) mustBeClean(name string, out *outcome) {
	x.Helper()
	shown, _ := json.Marshal([]any{
		out.identity, out.scopes, out.resources, out.samples, out.quotes, out.offers, out.markets, out.costs,
	})
	if leak := x.secretIn(string(shown)); leak != "" {
		x.Errorf("%s: a row shows %s", name, leak)
	}
	for _, err := range out.errs {
		x.mustBeGoodError(name, err)
	}
	for i := range out.resources {
		x.mustBeWellFormed(name, &out.resources[i])
	}
	for _, s := range out.samples {
		x.mustBeGoodMetric(name, s.ID, s.Metric)
	}
	for i := range out.offers {
		if f := &out.offers[i]; f.Provider != x.suite.spec.Name || f.GPUType == "" || f.QuotedAt.IsZero() ||
			(f.PricePerHour != nil && f.Currency == "") {
			x.Errorf("%s: offer %q lacks provider, GPU type, currency or time: %+v", name, f.ID, f)
		}
	}
	for i := range out.costs {
		if c := &out.costs[i]; c.Kind == "" || c.Currency == "" || c.Source == "" {
			x.Errorf("%s: cost lacks kind, currency or source: %+v", name, c)
		}
	}
}

// mustBeGoodError checks that an error is classified, names its operation, and shows no secret anywhere in its chain.
func (x *session) mustBeGoodError(name string, err error) {
	x.Helper()
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok || e.Kind == "" || !strings.HasPrefix(e.Error(), x.suite.spec.Name+":") {
		x.Errorf("%s: error %q (%T) is not a *cloud.Error with a kind that begins with the provider's name", name, err, err)
	}
	for next := err; next != nil; next = errors.Unwrap(next) {
		for _, text := range []string{next.Error(), fmt.Sprintf("%+v", next), fmt.Sprintf("%#v", next)} {
			if leak := x.secretIn(text); leak != "" {
				x.Errorf("%s: an error (%T) shows %s", name, next, leak)
				return
			}
		}
	}
	if ok {
		if leak := x.secretIn(e.Code + e.Detail + e.Hint); leak != "" {
			x.Errorf("%s: an error's details show %s", name, leak)
		}
	}
}

// mustBeWellFormed checks one resource by itself.
func (x *session) mustBeWellFormed(name string, r *cloud.Resource) {
	x.Helper()
	if _, ok := x.suite.spec.Service(r.Service); !ok || r.Provider != x.suite.spec.Name || r.ID == "" || r.Account == "" ||
		r.Type == "" || !slices.Contains(cloud.Statuses(), r.Status) {
		x.Errorf("%s: resource %q lacks provider, account, service, type, id or a known status: %+v", name, r.ID, r.Ref())
	}
	seen := map[string]bool{}
	for _, a := range r.Attrs {
		if !snakeCase.MatchString(a.Name) || seen[a.Name] || !plain(a.Value) {
			x.Errorf("%s: resource %s: attribute %s = %#v is no lower_snake name, or there twice, or of another type",
				name, r.ID, a.Name, a.Value)
		}
		seen[a.Name] = true
	}
	for _, m := range r.Metrics {
		x.mustBeGoodMetric(name, r.ID, m)
	}
	if r.Cost != nil && (r.Cost.Currency == "" || r.Cost.Source == "" || r.Cost.Low > r.Cost.High || r.Cost.Low < 0) {
		x.Errorf("%s: resource %s: bad price %+v", name, r.ID, *r.Cost)
	}
}

// plain reports whether v is of a type that an attribute may have, and says something.
func plain(v any) bool {
	switch v := v.(type) {
	case string:
		return v != ""
	case []string:
		return len(v) > 0
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case time.Time:
		return !v.IsZero()
	case bool, int, int64:
		return true
	}
	return false
}

func (x *session) mustBeGoodMetric(name, id string, m cloud.Metric) {
	x.Helper()
	percent := strings.HasSuffix(m.Name, "_percent") && (m.Value < 0 || m.Value > 100.5 && m.Name != cloud.CPUUsagePercent)
	if !snakeCase.MatchString(m.Name) || math.IsNaN(m.Value) || math.IsInf(m.Value, 0) || m.At == 0 || percent {
		x.Errorf("%s: %s: bad reading %+v", name, id, m)
	}
}

// mustOnlyRead checks that every call was a read of one of the provider's hosts.
func (x *session) mustOnlyRead() {
	x.Helper()
	for _, e := range x.tap.exchanges() {
		own := slices.ContainsFunc(x.suite.spec.Hosts, func(h string) bool { return glob.Match(h, e.host) })
		if !own {
			x.Errorf("%s was called, which is not in Spec.Hosts", e.host)
		}
		if !x.reads(e) {
			x.Errorf("%s was sent, which is neither GET, HEAD nor in Spec.Queries", e.place())
		}
	}
}

func (x *session) reads(e *exchange) bool {
	if e.method == http.MethodGet || e.method == http.MethodHead {
		return true
	}
	r := request(e.place())
	for _, q := range x.suite.spec.Queries {
		if q.Matches(r) {
			return true
		}
	}
	return false
}

// secretIn says which secret text shows, "" for none.
func (x *session) secretIn(text string) string {
	if strings.Contains(text, marker) {
		return "the marker of the simulator's secrets"
	}
	for name, v := range x.secrets() {
		if strings.Contains(text, v) {
			return "the credential's " + name
		}
	}
	return ""
}

// secrets returns the values of the credential that must never be seen, by name.
func (x *session) secrets() map[string]string {
	out := map[string]string{}
	for _, m := range x.suite.spec.Auth {
		for _, f := range m.Fields {
			if !f.Secret {
				continue
			}
			for _, v := range append([]string{x.credential.Values[f.Name]}, x.suite.given(x.cloud.Credentials(), f)...) {
				if len(v) >= 4 {
					out[f.Name] = v
				}
			}
		}
	}
	return out
}
