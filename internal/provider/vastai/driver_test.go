package vastai

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/retry"
)

// console answers in Vast.ai's place: by path and, where it is sent, after_token. It remembers the calls.
type console struct {
	answers map[string]string // text, "STATUS text" for errors

	mu    sync.Mutex
	calls []string
	sent  []string // bodies
}

func (c *console) RoundTrip(r *http.Request) (*http.Response, error) {
	key := r.URL.Path
	if token := r.URL.Query().Get("after_token"); token != "" {
		key += "?" + token
	}
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	c.mu.Lock()
	c.calls, c.sent = append(c.calls, r.Method+" "+r.URL.RequestURI()), append(c.sent, string(body))
	c.mu.Unlock()
	w := httptest.NewRecorder()
	text, ok := c.answers[key]
	status := http.StatusOK
	if !ok {
		text = `404 {"success":false,"error":"not_found","msg":"no such path"}`
	}
	if n, err := fmt.Sscanf(text, "%d ", &status); n == 1 && err == nil {
		text = text[4:]
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
	return w.Result(), nil
}

// connect returns a connection to c that does not try again.
func connect(t *testing.T, c *console) *provider.Conn {
	t.Helper()
	conn := provider.NewConn(Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "api_key", Source: "test", Values: map[string]string{"api_key": "key-of-the-test"}},
		Transport:  c, Now: func() time.Time { return now }, Retry: retry.Policy{First: time.Millisecond, Cap: time.Millisecond, Factor: 1},
		RateLimit: &provider.RateLimit{PerSecond: 1e6, Burst: 100, Timeout: time.Minute},
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

const (
	ada    = `{"id":4711,"key_id":9,"email":"ada@example.com","balance":0,"credit":12.5,"ssh_key":"MARKER","sid":"MARKER"}`
	denied = `403 {"success":false,"error":"permission_denied","msg":"not permitted"}`
)

func list(t *testing.T, conn *provider.Conn, service string) ([]cloud.Resource, error) {
	t.Helper()
	return provider.Gather(conn.Driver().List(t.Context(), cloud.Query{Scope: cloud.Scope{Account: "4711"}, Service: service}))
}

func TestInstancesArePagedToTheirEnd(t *testing.T) {
	t.Parallel()
	c := &console{answers: map[string]string{
		instancesPath:           `{"success":true,"instances":[{"id":1}],"next_token":"AA=="}`,
		instancesPath + "?AA==": `{"success":true,"instances":[{"id":2}],"next_token":"BB"}`,
		instancesPath + "?BB":   `{"success":true,"instances":[],"next_token":null}`,
	}}
	all, err := list(t, connect(t, c), instances)
	if err != nil || len(all) != 2 || all[0].ID != "1" || all[1].ID != "2" {
		t.Errorf("got %v and %v, want instances 1 and 2", all, err)
	}
	const want = `GET /api/v1/instances/?limit=25&order_by=%5B%7B%22col%22%3A%22id%22%2C%22dir%22%3A%22asc%22%7D%5D`
	if c.calls[0] != want {
		t.Errorf("got call %s\nwant     %s", c.calls[0], want)
	}
}

func TestAListThatDoesNotEndIsAnError(t *testing.T) {
	t.Parallel()
	c := &console{answers: map[string]string{
		instancesPath:        `{"instances":[{"id":1}],"next_token":"A"}`,
		instancesPath + "?A": `{"instances":[{"id":2}],"next_token":"B"}`,
		instancesPath + "?B": `{"instances":[{"id":3}],"next_token":"A"}`,
	}}
	all, err := list(t, connect(t, c), instances)
	if len(all) != 3 || cloud.KindOf(err) != cloud.KindResponse {
		t.Errorf("got %d instances and %v, want three and an error of kind response", len(all), err)
	}
}

func TestAPageThatFailsKeepsWhatCameBefore(t *testing.T) {
	t.Parallel()
	c := &console{answers: map[string]string{
		instancesPath:        `{"instances":[{"id":1}],"next_token":"A"}`,
		instancesPath + "?A": `400 {"error":"invalid_token","msg":"Invalid pagination token"}`,
	}}
	all, err := list(t, connect(t, c), instances)
	if len(all) != 1 || cloud.KindOf(err) != cloud.KindRequest || !strings.Contains(err.Error(), "Invalid pagination token") {
		t.Errorf("got %d instances and %v, want one and Vast's own message", len(all), err)
	}
}

func TestAnAnswerWithoutItsListIsAnError(t *testing.T) {
	t.Parallel()
	for service, path := range map[string]string{instances: instancesPath, volumes: volumesPath, endpoints: endpointsPath} {
		for _, text := range []string{`{}`, `{"success":false,"msg":"try later"}`, `{"success":true,"other":[]}`} {
			_, err := list(t, connect(t, &console{answers: map[string]string{path: text}}), service)
			if cloud.KindOf(err) != cloud.KindResponse {
				t.Errorf("%s: %s: got %v, want an error of kind response", service, text, err)
			}
		}
	}
}

func TestAnAccountWithoutEndpointsIsEmpty(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"success":true,"results":[]}`, `400 {"success":false,"error":"invalid_args","msg":"No endpoints for user found"}`,
	} {
		all, err := list(t, connect(t, &console{answers: map[string]string{endpointsPath: text}}), endpoints)
		if len(all) != 0 || err != nil {
			t.Errorf("%s: got %v and %v, want nothing", text, all, err)
		}
	}
}

func TestEndpointsAndVolumesAreMapped(t *testing.T) {
	t.Parallel()
	conn := connect(t, &console{answers: map[string]string{
		endpointsPath: `{"success":true,"results":[{"id":123,"min_load":0.0,"target_util":0.9,"cold_mult":2.5,"cold_workers":5,
			"max_workers":20,"endpoint_name":"vLLM-Qwen3-8B","api_key":"MARKER","user_id":456,"created_at":"2023-10-01T12:00:00Z","endpoint_state":"active"},
			{"id":124,"endpoint_state":"suspended","created_at":1696161600},{"id":125,"endpoint_state":"new word"}]}`,
		volumesPath: `{"volumes":[{"id":7,"label":"data","status":"active","disk_space":100,"storage_total_cost":0.02,"machine_id":12,
			"start_date":1696161600,"geolocation":"Sweden, SE","instances":[{"id":312,"jupyter_token":"MARKER"}]},{"id":8,"status":"deleting"}]}`,
	}})
	ends, err := list(t, conn, endpoints)
	vols, err2 := list(t, conn, volumes)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	golden(t, "testdata/others.golden.json", slices.Concat(ends, vols))
}

func TestAnUnknownServiceIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := list(t, connect(t, &console{}), "databases"); cloud.KindOf(err) != cloud.KindConfig {
		t.Errorf("got %v, want an error of kind config", err)
	}
}

func TestAKeyThatMayNotReadItsAccountStillLists(t *testing.T) {
	t.Parallel()
	conn := connect(t, &console{answers: map[string]string{userPath: denied}})
	scopes, err := provider.Gather(conn.Scopes(t.Context()))
	if len(scopes) != 1 || scopes[0].Account != "vastai" || cloud.KindOf(err) != cloud.KindPartial {
		t.Errorf("got %v and %v, want one scope and a partial error", scopes, err)
	}
	if err := conn.HealthCheck(t.Context()); cloud.KindOf(err) != cloud.KindDenied {
		t.Errorf("check: got %v, want an error of kind denied", err)
	}
}

func TestIdentityNamesTheAccountAndTheKey(t *testing.T) {
	t.Parallel()
	conn := connect(t, &console{answers: map[string]string{userPath: ada}})
	got, err := conn.Driver().(provider.Identifier).Identity(t.Context())
	want := cloud.Identity{Account: "4711", User: "ada@example.com", Detail: "key 9"}
	if err != nil || got != want {
		t.Errorf("got %+v and %v, want %+v", got, err, want)
	}
	for _, text := range []string{`{}`, `{"id":null,"email":"x"}`} {
		err := connect(t, &console{answers: map[string]string{userPath: text}}).HealthCheck(t.Context())
		if cloud.KindOf(err) != cloud.KindResponse {
			t.Errorf("%s: got %v, want an error of kind response", text, err)
		}
	}
}

func TestOneRoundReadsTheAccountOnce(t *testing.T) {
	t.Parallel()
	c := &console{answers: map[string]string{userPath: ada}}
	conn := connect(t, c)
	for range 2 {
		if _, err := provider.Gather(conn.Scopes(t.Context())); err != nil {
			t.Fatal(err)
		}
		if costs := money(t, conn, cloud.Period{}); len(costs) != 1 || costs[0].Amount != 12.5 {
			t.Errorf("got %+v, want a credit of 12.5", costs)
		}
	}
	if len(c.calls) != 2 {
		t.Errorf("two rounds made calls %v, want one each", c.calls)
	}
}

func money(t *testing.T, conn *provider.Conn, p cloud.Period) []cloud.Cost {
	t.Helper()
	all, err := provider.Gather(conn.Driver().(provider.CostReader).Costs(t.Context(), p))
	if err != nil {
		t.Errorf("costs: %v", err)
	}
	return all
}

func TestMoneyIsCreditAndWhatWasSpent(t *testing.T) {
	t.Parallel()
	c := &console{answers: map[string]string{
		userPath: ada,
		chargesPath: `{"success":true,"count":2,"total":3,"next_token":"N","results":[
			{"start":1730419200,"end":1730678400,"type":"instance","source":"instance-312","amount":38.421,"items":[]},
			{"start":1,"end":1730000000,"type":"volume","source":"volume-7","amount":0.5}]}`,
		chargesPath + "?N": `{"success":true,"next_token":null,"results":[{"source":"endpoint-5","amount":1},{"source":"odd","amount":2}]}`,
	}}
	from, to := time.Unix(1730400000, 0).UTC(), time.Unix(1730600000, 0).UTC()
	got := money(t, connect(t, c), cloud.Period{From: from, To: to})
	spend := func(service, id string, amount float64, from time.Time) cloud.Cost {
		return cloud.Cost{
			Account: "4711", Service: service, ID: id, Kind: cloud.CostSpend, Amount: amount, Currency: "USD",
			From: from, To: to, Source: "charges", At: now,
		}
	}
	want := []cloud.Cost{
		{Account: "4711", Kind: cloud.CostBalance, Amount: 12.5, Currency: "USD", Source: "users/current credit", At: now},
		spend(instances, "312", 38.421, time.Unix(1730419200, 0).UTC()), spend(volumes, "7", 0.5, from),
		spend(endpoints, "5", 1, from), spend("", "", 2, from),
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	const query = `select_filters=%7B%22day%22%3A%7B%22gte%22%3A1730400000%2C%22lte%22%3A1730599999%7D%7D`
	if !strings.Contains(c.calls[1], query) {
		t.Errorf("got call %s, want one with %s", c.calls[1], query)
	}
}

func TestMoneyFallsBackToTheBalance(t *testing.T) {
	t.Parallel()
	conn := connect(t, &console{answers: map[string]string{userPath: `{"id":1,"balance":-3.5}`}})
	if got := money(t, conn, cloud.Period{}); len(got) != 1 || got[0].Amount != -3.5 {
		t.Errorf("got %+v, want a balance of -3.5", got)
	}
	conn = connect(t, &console{answers: map[string]string{userPath: `{"id":1}`}})
	if got := money(t, conn, cloud.Period{}); len(got) != 0 {
		t.Errorf("got %+v of an account that tells no money, want nothing", got)
	}
}

func TestChargesThatAreDeniedLeaveTheCredit(t *testing.T) {
	t.Parallel()
	conn := connect(t, &console{answers: map[string]string{userPath: ada, chargesPath: denied}})
	got, err := provider.Gather(conn.Driver().(provider.CostReader).Costs(t.Context(), cloud.Period{From: now.Add(-time.Hour), To: now}))
	if len(got) != 1 || cloud.KindOf(err) != cloud.KindPartial {
		t.Errorf("got %+v and %v, want the credit and a partial error", got, err)
	}
}

func TestTheMarketIsForHosts(t *testing.T) {
	t.Parallel()
	read := func(text string) ([]cloud.Market, error) {
		conn := connect(t, &console{answers: map[string]string{marketPath: text}})
		return provider.Gather(conn.Driver().(provider.MarketReader).Markets(t.Context()))
	}
	got, err := read(`{"success":true,"gpus":[{"gpu_name":"RTX 4090","total":10,"available":4,"usage":60.5,"price_p10":0.2,"price_median":0.3,"price_p90":null}]}`)
	want := cloud.Market{
		Provider: "vastai", GPUType: "RTX 4090", Total: 10, Available: 4, UsagePercent: new(60.5),
		P10: new(0.2), Median: new(0.3), Currency: "USD", QuotedAt: now,
	}
	if err != nil || len(got) != 1 || encoded(got[0]) != encoded(want) {
		t.Errorf("got %s and %v, want %s", encoded(got), err, encoded(want))
	}
	if _, err := read(`{"success":true,"gpus":[],"needs_machine":true}`); cloud.KindOf(err) != cloud.KindUnsupported {
		t.Errorf("no host: got %v, want an error of kind unsupported", err)
	}
	if _, err := read(`{"success":true}`); cloud.KindOf(err) != cloud.KindResponse {
		t.Errorf("no list: got %v, want an error of kind response", err)
	}
}

func encoded(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}
