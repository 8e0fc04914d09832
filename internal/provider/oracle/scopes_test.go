package oracle_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// places writes scopes as "region compartment".
func places(scopes []cloud.Scope) []string {
	var out []string
	for _, s := range scopes {
		out = append(out, s.Region+" "+s.Compartment)
	}
	slices.Sort(out)
	return out
}

// refuse answers calls whose path contains one of parts as Oracle does where a credential may not.
func refuse(parts ...string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		for _, p := range parts {
			if strings.Contains(r.URL.Path+"?"+r.URL.RawQuery, p) {
				return hidden(r)
			}
		}
		return nil
	}
}

func TestScopesAreCompartmentsInSubscribedRegions(t *testing.T) {
	t.Parallel()
	both := func(paths ...string) []string {
		var out []string
		for _, p := range paths {
			out = append(out, "us-ashburn-1 "+p, "us-phoenix-1 "+p)
		}
		slices.Sort(out)
		return out
	}
	for _, tt := range []struct {
		name    string
		options map[string]any
		regions []string
		refuse  []string
		want    []string
		missing []string // each a part of what is said to be missing
	}{
		{"all", nil, nil, nil, both("root", "prod", "prod/web", "staging"), nil},
		{"one region", nil, []string{"us-phoenix-1"}, nil, []string{"us-phoenix-1 prod", "us-phoenix-1 prod/web", "us-phoenix-1 root", "us-phoenix-1 staging"}, nil},
		{"a region without subscription", nil, []string{"us-ashburn-1", "eu-paris-1"}, nil,
			[]string{"us-ashburn-1 prod", "us-ashburn-1 prod/web", "us-ashburn-1 root", "us-ashburn-1 staging"}, []string{"not subscribed to the region eu-paris-1"}},
		{"a compartment by its path, with those below", map[string]any{"compartment_id": "prod"}, nil, nil, both("prod", "prod/web"), nil},
		{"a compartment alone", map[string]any{"compartment_id": "prod", "compartment_subtree": false}, nil, nil, both("prod"), nil},
		{"the root alone", map[string]any{"compartment_id": "root", "compartment_subtree": false}, nil, nil, both("root"), nil},
		{"a compartment that is not listed", map[string]any{"compartment_id": "ocid1.compartment.oc1..unseen"}, nil, nil, both("ocid1.compartment.oc1..unseen"), nil},
		{"compartments refused", nil, nil, []string{"/compartments"}, both("root"), []string{"compartments may not be read"}},
		{"compartments refused and one given", map[string]any{"compartment_id": "ocid1.compartment.oc1..mine"}, nil, []string{"/compartments"},
			both("ocid1.compartment.oc1..mine"), []string{"compartments may not be read"}},
		{"regions refused", nil, nil, []string{"/regionSubscriptions"},
			[]string{"us-ashburn-1 prod", "us-ashburn-1 prod/web", "us-ashburn-1 root", "us-ashburn-1 staging"}, []string{"only us-ashburn-1 is listed"}},
		{"regions refused and some given", map[string]any{"compartment_id": "root", "compartment_subtree": false}, []string{"us-phoenix-1", "ap-tokyo-1"}, []string{"/regionSubscriptions"},
			[]string{"ap-tokyo-1 root", "us-phoenix-1 root"}, []string{"only ap-tokyo-1, us-phoenix-1 is listed"}},
	} {
		s := open(t, setup{count: 20, options: tt.options, regions: tt.regions, answer: refuse(tt.refuse...)})
		scopes, missing := s.scopes()
		if got := places(scopes); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if len(missing) != len(tt.missing) {
			t.Errorf("%s: missing %v, want %q", tt.name, missing, tt.missing)
		}
		for i, e := range missing {
			if i < len(tt.missing) && (e.Kind != cloud.KindPartial || !strings.Contains(e.Detail, tt.missing[i]) || e.Hint == "") {
				t.Errorf("%s: got %+v, want a partial answer %q with a hint", tt.name, e, tt.missing[i])
			}
		}
		for _, scope := range scopes {
			if scope.Account != "acme-cloud" {
				t.Errorf("%s: account %q, want the tenancy's name", tt.name, scope.Account)
			}
		}
	}
}

func TestARegionThatWasAskedOfEverybodyIsNoMistakeOfOne(t *testing.T) {
	t.Parallel()
	s := open(t, setup{count: 20, regions: []string{"us-ashburn-1", "eastus"}, anyRegion: true})
	scopes, errs := s.scopes()
	if len(scopes) == 0 || len(errs) != 0 {
		t.Errorf("one of two: got %d scopes and %+v, want those of the region that there is", len(scopes), errs)
	}
	s = open(t, setup{count: 20, regions: []string{"us-ashbrun-1"}, anyRegion: true})
	scopes, errs = s.scopes()
	if len(scopes) != 0 || len(errs) != 1 || errs[0].Kind != cloud.KindUnsupported ||
		errs[0].Hint != "did you mean us-ashburn-1? its regions are us-ashburn-1, us-phoenix-1" {
		t.Errorf("none: got %v and %+v, want one error that names the regions", scopes, errs)
	}
}

func TestAnUnknownCompartmentIsAMistakeOfTheConfiguration(t *testing.T) {
	t.Parallel()
	s := open(t, setup{count: 20, options: map[string]any{"compartment_id": "your-compartment-id"}})
	scopes, errs := s.scopes()
	if len(scopes) != 0 || len(errs) != 1 || errs[0].Kind != cloud.KindConfig || !strings.Contains(errs[0].Hint, "prod/web") {
		t.Errorf("got %v and %+v, want one error that lists the compartments", scopes, errs)
	}
}

func TestATenancyWithoutReadableNameGoesByItsOCID(t *testing.T) {
	t.Parallel()
	tenancy := ""
	s := open(t, setup{count: 20, answer: func(r *http.Request) *http.Response {
		if strings.HasSuffix(r.URL.Path, "/tenancies/"+tenancy) {
			return hidden(r)
		}
		return nil
	}})
	tenancy = s.cloud.Credentials().Values["tenancy"]
	scopes, missing := s.scopes()
	if len(missing) > 0 || len(scopes) == 0 || scopes[0].Account != tenancy {
		t.Errorf("got %v, %v, want the account %s", scopes, missing, tenancy)
	}
	if err := s.conn.HealthCheck(t.Context()); err != nil {
		t.Errorf("a credential that may not read the tenancy's name is a good one: %v", err)
	}
	who, err := s.conn.Driver().(provider.Identifier).Identity(t.Context())
	if err != nil || who.Account != tenancy || who.User != s.cloud.Credentials().Values["user"] {
		t.Errorf("identity %+v, %v", who, err)
	}
}

func TestATenancyThatDoesNotAnswerIsNotHalfATenancy(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/tenancies/", "/compartments", "/regionSubscriptions"} {
		s := open(t, setup{count: 20, answer: func(r *http.Request) *http.Response {
			if strings.Contains(r.URL.Path, path) {
				return response(r, http.StatusInternalServerError, `{"code":"InternalServerError","message":"An internal server error occurred."}`)
			}
			return nil
		}})
		scopes, errs := s.scopes()
		if len(scopes) != 0 || len(errs) != 1 || errs[0].Kind != cloud.KindUnavailable {
			t.Errorf("%s fails: got %v, %v, want one error", path, scopes, errs)
		}
	}
}

// TestADeniedCompartmentNamesThePolicy: each service has its own.
func TestADeniedCompartmentNamesThePolicy(t *testing.T) {
	t.Parallel()
	s := open(t, setup{count: 20, incidents: true})
	for service, family := range map[string]string{
		"compute": "instance-family", "containers": "compute-container-family", "oke": "cluster-family",
		"autonomous_db": "autonomous-database-family",
	} {
		q := cloud.Query{Service: service, Scope: cloud.Scope{Account: "acme-cloud", Region: "us-ashburn-1", Compartment: "restricted"}}
		_, err := provider.Gather(s.conn.Driver().List(t.Context(), q))
		want := "Allow group <your group> to read " + family + " in compartment restricted"
		if cloud.KindOf(err) != cloud.KindDenied || !strings.Contains(hintOf(err), want) {
			t.Errorf("%s: got %v with the hint %q, want denied with %q", service, err, hintOf(err), want)
		}
	}
}

func hintOf(err error) string {
	for {
		if e, ok := err.(*cloud.Error); ok { //nolint:errorlint // each link by itself
			return e.Hint
		}
		joined, ok := err.(interface{ Unwrap() []error })
		if !ok || len(joined.Unwrap()) == 0 {
			return ""
		}
		err = joined.Unwrap()[0]
	}
}
