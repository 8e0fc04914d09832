package oracle_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// instancesIn is the query that the tests of lists ask.
func instancesIn(compartment string) cloud.Query {
	return cloud.Query{Service: "compute", Scope: cloud.Scope{Account: "acme", Region: "us-phoenix-1", Compartment: compartment}}
}

// shelf serves n instances in pages of size rows. Its tokens are the number of the next row.
func shelf(n, size int) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		if !strings.HasSuffix(r.URL.Path, "/instances") {
			return nil
		}
		from, _ := strconv.Atoi(r.URL.Query().Get("page"))
		to := min(from+size, n)
		var rows []string
		for i := from; i < to; i++ {
			rows = append(rows, fmt.Sprintf(`{"id":"i%d","displayName":"n%d","lifecycleState":"RUNNING","shape":"VM.Standard2.1"}`, i, i))
		}
		resp := response(r, http.StatusOK, "["+strings.Join(rows, ",")+"]")
		if to < n {
			resp.Header.Set("opc-next-page", strconv.Itoa(to))
		}
		return resp
	}
}

func TestPagesFollowTheirTokens(t *testing.T) {
	t.Parallel()
	const size = 4
	for n, pages := range map[int]int{0: 1, 1: 1, size - 1: 1, size: 1, size + 1: 2, 2 * size: 2, 2*size + 1: 3, 10 * size: 10} {
		s := open(t, setup{count: 5, answer: shelf(n, size)})
		s.scopes()
		s.wire.forget()
		all, err := provider.Gather(s.conn.Driver().List(t.Context(), instancesIn("prod")))
		calls := s.wire.calls("/instances")
		if err != nil || len(all) != n || len(calls) != pages {
			t.Errorf("%d instances: found %d in %d calls, %v, want %d calls", n, len(all), len(calls), err, pages)
			continue
		}
		for i, r := range all {
			if r.ID != fmt.Sprint("i", i) {
				t.Errorf("%d instances: number %d is %s", n, i, r.ID)
			}
		}
		for i, c := range calls {
			page := ""
			if i > 0 {
				page = strconv.Itoa(i * size)
			}
			if c.host != "iaas.us-phoenix-1.oraclecloud.com" || c.query.Get("limit") != "1000" || c.query.Get("page") != page ||
				!strings.HasPrefix(c.query.Get("compartmentId"), "ocid1.compartment.") || len(c.query) > 3 {
				t.Errorf("%d instances: call %d is %s %v", n, i, c.host, c.query)
			}
		}
	}
}

func TestATokenThatComesAgainEndsTheList(t *testing.T) {
	t.Parallel()
	s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
		resp := shelf(2, 2)(r)
		if resp != nil {
			resp.Header.Set("Opc-Next-Page", "0")
		}
		return resp
	}})
	all, err := provider.Gather(s.conn.Driver().List(t.Context(), instancesIn("prod")))
	if len(all) != 4 || cloud.KindOf(err) != cloud.KindResponse || !strings.Contains(err.Error(), "the same page comes again") {
		t.Errorf("%d instances and %v, want the rows that came and a malformed answer", len(all), err)
	}
}

func TestAPageThatFailsKeepsThePagesBefore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		body   string
		kind   cloud.Kind
	}{
		{"refused", http.StatusNotFound, `{"code":"NotAuthorizedOrNotFound","message":"?"}`, cloud.KindDenied},
		{"out of order", http.StatusInternalServerError, `{"code":"InternalServerError","message":"?"}`, cloud.KindUnavailable},
		{"no list", http.StatusOK, `{"code":"x"}`, cloud.KindResponse},
		{"no JSON", http.StatusOK, `<html>`, cloud.KindResponse},
		{"empty", http.StatusOK, ``, cloud.KindResponse},
		{"a bad token", http.StatusBadRequest, `{"code":"InvalidParameter","message":"Invalid page token"}`, cloud.KindRequest},
	} {
		s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
			if strings.HasSuffix(r.URL.Path, "/instances") && r.URL.Query().Get("page") == "6" {
				return response(r, tt.status, tt.body)
			}
			return shelf(9, 3)(r)
		}})
		all, err := provider.Gather(s.conn.Driver().List(t.Context(), instancesIn("prod")))
		if len(all) != 6 || cloud.KindOf(err) != tt.kind || !strings.Contains(err.Error(), "oracle: list instances") {
			t.Errorf("%s: %d instances and %v of kind %q, want 6 and %q", tt.name, len(all), err, cloud.KindOf(err), tt.kind)
		}
	}
}

// TestAnAnswerThatBreaksOffIsAskedForAgain and no row comes twice.
func TestAnAnswerThatBreaksOffIsAskedForAgain(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
		resp := shelf(3, 3)(r)
		if resp != nil && asked.Add(1) == 1 {
			resp.Body = broken{strings.NewReader(`[{"id":"i0","lifecycleState":"RUNNING"},{"id":"i1","li`)}
		}
		return resp
	}})
	all, err := provider.Gather(s.conn.Driver().List(t.Context(), instancesIn("prod")))
	if err != nil || len(all) != 3 || asked.Load() != 2 {
		t.Errorf("%d instances after %d calls, %v, want 3 after 2", len(all), asked.Load(), err)
	}
}

// broken is a body whose connection breaks where its text ends.
type broken struct{ *strings.Reader }

// Read implements io.Reader.
func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil {
		err = fmt.Errorf("connection reset by peer")
	}
	return n, err
}

// Close implements io.Closer.
func (broken) Close() error { return nil }

// TestAPartialPageIsFollowedByTheRest of the pages.
func TestAPartialPageIsFollowedByTheRest(t *testing.T) {
	t.Parallel()
	s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
		resp := shelf(6, 3)(r)
		if resp != nil && r.URL.Query().Get("page") == "" {
			next := response(r, http.StatusOK, `[{"id":"i0","lifecycleState":"RUNNING","shape":7},{"displayName":"no id"},{"id":"i2","lifecycleState":"RUNNING"}]`)
			next.Header = resp.Header
			return next
		}
		return resp
	}})
	var ids []string
	var said []string
	for r, err := range s.conn.Driver().List(t.Context(), instancesIn("prod")) {
		if err != nil {
			said = append(said, string(cloud.KindOf(err))+" after "+fmt.Sprint(len(ids)))
			continue
		}
		ids = append(ids, r.ID)
	}
	if !slices.Equal(ids, []string{"i0", "i2", "i3", "i4", "i5"}) || !slices.Equal(said, []string{"partial after 2"}) {
		t.Errorf("found %v and said %v, want all but the nameless one and one partial answer after its page", ids, said)
	}
}

// TestWhoStopsAsksForNoMore pages.
func TestWhoStopsAsksForNoMore(t *testing.T) {
	t.Parallel()
	for _, service := range []string{"compute", "oke"} {
		s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
			if strings.HasSuffix(r.URL.Path, "s") && !strings.HasSuffix(r.URL.Path, "compartments") && !strings.HasSuffix(r.URL.Path, "Subscriptions") {
				resp := response(r, http.StatusOK, `[{"id":"a","lifecycleState":"RUNNING"},{"id":"b","lifecycleState":"RUNNING"}]`)
				if service == "compute" {
					resp.Header.Set("Opc-Next-Page", "more")
				}
				return resp
			}
			return nil
		}})
		s.scopes()
		s.wire.forget()
		q := instancesIn("prod")
		q.Service = service
		for range s.conn.Driver().List(t.Context(), q) {
			break
		}
		if n := len(s.wire.calls("s")); service == "compute" && n != 1 || n > 3 {
			t.Errorf("%s: %d calls for one resource", service, n)
		}
	}
}

func TestAListEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, service := range []string{"compute", "containers", "oke", "autonomous_db"} {
			ctx, cancel := context.WithCancel(t.Context())
			s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
				for _, list := range []string{"/instances", "/containerInstances", "/clusters", "/nodePools", "/autonomousDatabases"} {
					if strings.HasSuffix(r.URL.Path, list) {
						cancel()
						resp := response(r, http.StatusOK, "")
						resp.Body = broken{strings.NewReader("[")}
						return resp
					}
				}
				return nil
			}})
			q := instancesIn("prod")
			q.Service = service
			started := time.Now()
			all, err := provider.Gather(s.conn.Driver().List(ctx, q))
			if len(all) > 0 || cloud.KindOf(err) != cloud.KindCancelled || time.Since(started) > time.Millisecond {
				t.Errorf("%s: %d resources, %v of kind %q after %s, want cancelled at once", service, len(all), err, cloud.KindOf(err), time.Since(started))
			}
		}
	})
}

// TestAListThatWaitsForTheTreeEndsWithItsContext: another is reading the tree.
func TestAListThatWaitsForTheTreeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	hold, reading := make(chan struct{}), make(chan struct{}, 8)
	s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
		if strings.HasSuffix(r.URL.Path, "/compartments") {
			reading <- struct{}{}
			<-hold
		}
		return nil
	}})
	first := make(chan error, 1)
	go func() {
		_, err := provider.Gather(s.conn.Driver().List(context.Background(), instancesIn("prod"))) //nolint:usetesting // it outlives a failure
		first <- err
	}()
	<-reading
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := provider.Gather(s.conn.Driver().List(ctx, instancesIn("prod"))); cloud.KindOf(err) != cloud.KindCancelled {
		t.Errorf("who waits for the tree gets %v, want cancelled", err)
	}
	close(hold)
	if err := <-first; err != nil {
		t.Errorf("who reads the tree gets %v", err)
	}
}

func TestWhatIsNotThereIsNotListed(t *testing.T) {
	t.Parallel()
	s := open(t, setup{count: 5})
	for _, tt := range []struct {
		name string
		q    cloud.Query
		kind cloud.Kind
		want string
	}{
		{"an unknown service", cloud.Query{Service: "quantum", Scope: cloud.Scope{Region: "us-phoenix-1", Compartment: "prod"}}, cloud.KindConfig, "no service quantum"},
		{"an unknown compartment", instancesIn("nowhere"), cloud.KindNotFound, "no compartment nowhere"},
	} {
		all, err := provider.Gather(s.conn.Driver().List(t.Context(), tt.q))
		if len(all) > 0 || cloud.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %d resources and %v, want %q", tt.name, len(all), err, tt.want)
		}
	}
}

// TestKindsOfKubernetesStandAlone: a kind that cannot be read leaves the others, and where none can be read the place is
// refused as a whole.
func TestKindsOfKubernetesStandAlone(t *testing.T) {
	t.Parallel()
	const ok = `[{"id":"x","lifecycleState":"ACTIVE"}]`
	kinds := []string{"/clusters", "/nodePools", "/virtualNodePools"}
	for _, tt := range []struct {
		name    string
		refused []string
		found   int
		kind    cloud.Kind
	}{
		{"all are read", nil, 3, ""},
		{"virtual node pools are not", kinds[2:], 2, cloud.KindPartial},
		{"pools are not", kinds[1:], 1, cloud.KindPartial},
		{"clusters are not", kinds[:1], 2, cloud.KindPartial},
		{"none is", kinds, 0, cloud.KindDenied},
	} {
		s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
			i := slices.IndexFunc(kinds, func(k string) bool { return strings.HasSuffix(r.URL.Path, k) })
			switch {
			case i < 0:
				return nil
			case slices.Contains(tt.refused, kinds[i]):
				return hidden(r)
			}
			return response(r, http.StatusOK, strings.Replace(ok, "x", kinds[i], 1))
		}})
		q := instancesIn("prod")
		q.Service = "oke"
		found := 0
		var said []error
		for _, err := range s.conn.Driver().List(t.Context(), q) {
			if err != nil {
				said = append(said, err)
			} else {
				found++
			}
		}
		if found != tt.found || (len(said) == 0) != (tt.kind == "") {
			t.Errorf("%s: %d found, said %v", tt.name, found, said)
		}
		for _, err := range said {
			if cloud.KindOf(err) != tt.kind {
				t.Errorf("%s: said %v of kind %q, want %q", tt.name, err, cloud.KindOf(err), tt.kind)
			}
		}
	}
}
