package azure_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/azure"
)

const tokenPath = "/72f988bf-86f1-41af-91ab-2d7cd011db47/oauth2/v2.0/token"

func TestTroubleOfTheSignInPage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		kind   cloud.Kind
		detail string
		hint   bool
	}{
		"a wrong secret":          {401, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Trace ID: 1"}`, cloud.KindAuth, "AADSTS7000215", true},
		"an expired secret":       {401, `{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired."}`, cloud.KindAuth, "expired", true},
		"a wrong tenant":          {400, `{"error":"invalid_tenant","error_description":"AADSTS90002: Tenant not found."}`, cloud.KindAuth, "Tenant not found", true},
		"an unknown application":  {400, `{"error":"unauthorized_client","error_description":"AADSTS700016: Application not found."}`, cloud.KindAuth, "Application not found", true},
		"conditional access":      {400, `{"error":"access_denied","error_description":"AADSTS53003: blocked"}`, cloud.KindAuth, "AADSTS53003", true},
		"a gateway that forbids":  {403, `<html>no</html>`, cloud.KindDenied, "", true},
		"a refusal without words": {400, `{}`, cloud.KindAuth, "", true},
		"not JSON":                {200, `<html>portal</html>`, cloud.KindResponse, "not JSON", false},
		"no token":                {200, `{"token_type":"Bearer","expires_in":3599}`, cloud.KindResponse, "", false},
		"too large":               {200, `{"x":"` + strings.Repeat("x", 2<<20) + `"}`, cloud.KindResponse, "larger than is accepted", false},
	} {
		conn, asked := connect(t, map[string]func(*http.Request) (int, string){tokenPath: problem(tt.status, tt.body)})
		err := conn.HealthCheck(t.Context())
		e, ok := errors.AsType[*cloud.Error](err)
		if !ok || e.Kind != tt.kind || !strings.Contains(err.Error(), tt.detail) || (e.Hint != "") != tt.hint || e.Op != "azure: sign in" {
			t.Errorf("%s: got %+v, want kind %q and %q, a hint: %v", name, e, tt.kind, tt.detail, tt.hint)
		}
		for _, a := range asked.asked {
			if strings.Contains(a, "management.azure.com") {
				t.Errorf("%s: %s is asked without a token", name, a)
			}
		}
	}
}

// breaking lets every answer break off in the middle.
type breaking struct{ *answers }

func (b breaking) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.answers.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/token") {
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"access_`), broken{}))
	}
	return resp, err
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestASignInThatBreaksOffIsTroubleOfTheNetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn := provider.NewConn(azure.Spec())
		err := conn.Initialize(t.Context(), &provider.ProviderConfig{
			Credential: provider.Credential{Method: "oauth", Values: map[string]string{
				"tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47", "client_id": "reader", "client_secret": "hunter2-hunter2",
			}},
			Transport: breaking{&answers{}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.HealthCheck(t.Context()); cloud.KindOf(err) != cloud.KindNetwork {
			t.Errorf("got %v of kind %q, want kind network", err, cloud.KindOf(err))
		}
	})
}

func TestWhatASignInSends(t *testing.T) {
	t.Parallel()
	sent := map[string]url.Values{}
	var mu sync.Mutex
	paths := map[string]func(*http.Request) (int, string){
		tokenPath: func(r *http.Request) (int, string) {
			mu.Lock()
			defer mu.Unlock()
			if err := r.ParseForm(); err != nil {
				t.Error(err)
			}
			sent[strings.Fields(r.PostForm.Get("scope"))[0]] = r.PostForm
			return http.StatusOK, `{"token_type":"Bearer","expires_in":3599,"access_token":"for ` + strings.Fields(r.PostForm.Get("scope"))[0] + `"}`
		},
	}
	var tokens []string
	remember := func(text string) func(*http.Request) (int, string) {
		return func(r *http.Request) (int, string) {
			mu.Lock()
			defer mu.Unlock()
			tokens = append(tokens, r.URL.Host+" "+r.Header.Get("Authorization"))
			return http.StatusOK, text
		}
	}
	paths["/subscriptions"], paths[batchPath] = remember(subscription), remember(`{"values":[]}`)
	conn, _ := connect(t, paths)
	if err := conn.HealthCheck(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, _ = metricsOf(t, conn)
	want := []string{
		"management.azure.com Bearer for https://management.azure.com/.default",
		"westeurope.metrics.monitor.azure.com Bearer for https://metrics.monitor.azure.com/.default",
	}
	if strings.Join(tokens, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want each host its own audience's token: %q", tokens, want)
	}
	for scope, form := range sent {
		if form.Get("grant_type") != "client_credentials" || form.Get("client_id") != "reader" || form.Get("client_secret") != "hunter2-hunter2" {
			t.Errorf("%s: got the fields %v", scope, slices.Sorted(maps.Keys(form)))
		}
	}
}

func TestManyCallsSignInOnce(t *testing.T) {
	t.Parallel()
	conn, asked := connect(t, map[string]func(*http.Request) (int, string){})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := conn.HealthCheck(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := asked.count("/token"); n != 1 {
		t.Errorf("twenty calls at once made %d sign-ins, want one", n)
	}
}

func TestWhoWaitsForASignInMayLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn, _ := connect(t, map[string]func(*http.Request) (int, string){tokenPath: func(*http.Request) (int, string) {
			time.Sleep(10 * time.Second)
			return http.StatusOK, `{"token_type":"Bearer","expires_in":3599,"access_token":"opaque"}`
		}})
		var first sync.WaitGroup
		first.Go(func() {
			if err := conn.HealthCheck(t.Context()); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started := time.Now()
		if err := conn.HealthCheck(ctx); cloud.KindOf(err) != cloud.KindTimeout || time.Since(started) != time.Second {
			t.Errorf("got %v after %s, want a timeout after one second", err, time.Since(started))
		}
		first.Wait()
	})
}

func TestIdentityOfEveryTenant(t *testing.T) {
	t.Parallel()
	// The middle of each token is {"tid":"t-1","app_displayname":"Reader","appid":"a"} or {}.
	named := "e30.eyJ0aWQiOiJ0LTEiLCJhcHBfZGlzcGxheW5hbWUiOiJSZWFkZXIiLCJhcHBpZCI6ImEifQ.x"
	for name, tt := range map[string]struct {
		token, list string
		status      int
		want        cloud.Identity
		kind        cloud.Kind
	}{
		"a token with claims":      {named, subscription, 200, cloud.Identity{Account: "t-1", User: "Reader", Detail: "1 subscription"}, ""},
		"a token without":          {"opaque", `{"value":[{"subscriptionId":"a","tenantId":"t-2"},{"subscriptionId":"b","tenantId":"t-3"}]}`, 200, cloud.Identity{Account: "t-2", User: "reader", Detail: "2 subscriptions"}, ""},
		"no subscription":          {named, `{"value":[]}`, 200, cloud.Identity{Account: "t-1", User: "Reader", Detail: "0 subscriptions"}, ""},
		"a list that is forbidden": {named, forbidden, 403, cloud.Identity{Account: "t-1", User: "Reader"}, cloud.KindDenied},
	} {
		conn, _ := connect(t, map[string]func(*http.Request) (int, string){
			tokenPath:        body(fmt.Sprintf(`{"token_type":"Bearer","expires_in":3599,"access_token":%q}`, tt.token)),
			"/subscriptions": problem(tt.status, tt.list),
		})
		got, err := conn.Driver().(provider.Identifier).Identity(t.Context())
		if got != tt.want || cloud.KindOf(err) != tt.kind {
			t.Errorf("%s: got %+v, %v; want %+v and kind %q", name, got, err, tt.want, tt.kind)
		}
	}
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){tokenPath: problem(401, `{"error":"invalid_client"}`)})
	if got, err := conn.Driver().(provider.Identifier).Identity(t.Context()); got != (cloud.Identity{}) || cloud.KindOf(err) != cloud.KindAuth {
		t.Errorf("without a token: got %+v, %v", got, err)
	}
}

func TestSubscriptionsThatAreRead(t *testing.T) {
	t.Parallel()
	list := `{"value":[{"subscriptionId":"AAAA","displayName":"One","state":"Enabled"},{"subscriptionId":"bbbb","displayName":"Two","state":"Enabled"}]}`
	for name, tt := range map[string]struct {
		list     string
		fallback string
		options  map[string]any
		want     []cloud.Scope
	}{
		"all that are visible":                  {list, "", nil, []cloud.Scope{{Account: "aaaa", AccountName: "One"}, {Account: "bbbb", AccountName: "Two"}}},
		"the credential's own is only for want": {list, "cccc", nil, []cloud.Scope{{Account: "aaaa", AccountName: "One"}, {Account: "bbbb", AccountName: "Two"}}},
		"none is visible: the credential's own": {`{"value":[]}`, "CCCC", nil, []cloud.Scope{{Account: "cccc"}}},
		"none at all":                           {`{"value":[]}`, "", nil, nil},
		"one by name":                           {list, "", map[string]any{"subscription_id": "BBBB"}, []cloud.Scope{{Account: "bbbb", AccountName: "Two"}}},
		"one that is not visible":               {list, "aaaa", map[string]any{"subscription_id": "dddd"}, []cloud.Scope{{Account: "dddd"}}},
		"several, some of them not visible":     {list, "", map[string]any{"subscription_ids": []string{"dddd", "AAAA"}}, []cloud.Scope{{Account: "aaaa", AccountName: "One"}, {Account: "dddd"}}},
		"both options together":                 {list, "", map[string]any{"subscription_id": "aaaa", "subscription_ids": []string{"bbbb"}}, []cloud.Scope{{Account: "aaaa", AccountName: "One"}, {Account: "bbbb", AccountName: "Two"}}},
	} {
		conn := provider.NewConn(azure.Spec())
		err := conn.Initialize(t.Context(), &provider.ProviderConfig{
			Credential: provider.Credential{Method: "oauth", Values: map[string]string{
				"tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47", "client_id": "reader", "client_secret": "hunter2", "subscription_id": tt.fallback,
			}},
			Options: tt.options, Transport: &answers{paths: map[string]func(*http.Request) (int, string){"/subscriptions": body(tt.list)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := provider.Gather(conn.Scopes(t.Context()))
		if err != nil || fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, tt.want)
		}
	}
}

func TestListsThatFailSayWhy(t *testing.T) {
	t.Parallel()
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){"/subscriptions": problem(403, forbidden)})
	_, scopes := provider.Gather(conn.Scopes(t.Context()))
	for name, err := range map[string]error{"check": conn.HealthCheck(t.Context()), "scopes": scopes} {
		if e, ok := errors.AsType[*cloud.Error](err); !ok || e.Kind != cloud.KindDenied || e.Hint == "" {
			t.Errorf("%s: got %v, want kind denied with a hint", name, err)
		}
	}
	unknown := cloud.Query{Scope: cloud.Scope{Account: "a"}, Service: "nothing"}
	if _, err := provider.Gather(conn.Driver().List(t.Context(), unknown)); cloud.KindOf(err) != cloud.KindConfig {
		t.Errorf("an unknown service: got %v, want kind config", err)
	}
}
