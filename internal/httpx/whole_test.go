package httpx_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// fetch calls as code that is not ours does: with the client alone.
func fetch(t *testing.T, client *http.Client) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(httpx.Whole(t.Context()), http.MethodGet, "https://"+host+"/token", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func TestAWholeAnswerThatBreaksOffIsAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, f := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, n int) {
				if n < 3 {
					f.fail(w)
					return
				}
				answer(w, 200, `{"token":"t"}`)
			})
			body, err := fetch(t, httpx.NewClient(s.transport, quick()))
			if err != nil || body != `{"token":"t"}` || len(s.arrivals()) != 3 {
				t.Errorf("got %q, %v after %d calls, want the third answer", body, err, len(s.arrivals()))
			}
		})
	}
}

func TestAWholeAnswerThatStaysBrokenSaysSo(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) { failures["truncated"].fail(w) })
	_, err := fetch(t, httpx.NewClient(s.transport, quick()))
	if cloud.KindOf(err) != cloud.KindNetwork || !strings.Contains(err.Error(), "broke off") || len(s.arrivals()) != 3 {
		t.Errorf("got %v after %d calls, want a network error after 3", err, len(s.arrivals()))
	}
}

func TestAWholeAnswerHasItsBound(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, strings.Repeat("x", 2000)) })
	p := quick()
	p.MaxBody = 1000
	client := httpx.NewClient(s.transport, p)
	for range 5 {
		if _, err := fetch(t, client); cloud.KindOf(err) != cloud.KindResponse {
			t.Errorf("got %v, want that it is too large: the host is alive", err)
		}
	}
	if n := len(s.arrivals()); n != 5 {
		t.Errorf("%d calls, want 5", n)
	}
}
