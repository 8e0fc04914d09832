package httpx

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/retry"
)

// API makes the JSON calls of a hand-written client. Every error it returns is a *cloud.Error without secrets.
type API struct {
	HTTP      *http.Client
	Provider  string                    // begins every error: "vastai"
	Base      string                    // "https://console.vast.ai"; Call.Path is appended
	Authorize func(*http.Request) error // adds the credential to each request; nil = none
	Secrets   []string                  // blanked out of every message
}

// Call is one request.
type Call struct {
	Op     string // what it is for, as a person says it: "list instances"
	Method string // empty = GET, or POST where there is a Body
	Path   string // below API.Base, or a whole https URL
	Query  url.Values
	Header http.Header
	Body   any  // sent as JSON; nil = none
	Anon   bool // send no credential
}

// Get decodes the answer of a GET into out (nil: whatever it is) and returns the answer's header.
func (a *API) Get(ctx context.Context, op, path string, q url.Values, out any) (http.Header, error) {
	return a.Do(ctx, Call{Op: op, Path: path, Query: q}, Into(out))
}

// Decoder reads a successful answer's body.
type Decoder func(*json.Decoder) error

// Into returns a Decoder that fills out, and empties it first when a broken answer is asked for again.
func Into(out any) Decoder {
	if out == nil {
		return func(d *json.Decoder) error { return d.Decode(new(json.RawMessage)) }
	}
	return func(d *json.Decoder) error { return d.Decode(out) }
}

// Each returns a Decoder for a JSON array that keeps one element at a time in memory.
func Each[T any](elem func(*T) error) Decoder {
	return func(d *json.Decoder) error {
		if err := expect(d, '['); err != nil {
			return err
		}
		for d.More() {
			var v T
			if err := d.Decode(&v); err != nil {
				return err
			}
			if err := elem(&v); err != nil {
				return err
			}
		}
		return expect(d, ']')
	}
}

func expect(d *json.Decoder, want json.Delim) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t != want {
		return &cloud.Error{Kind: cloud.KindResponse, Detail: fmt.Sprintf("answer has %v where %q is expected", t, want)}
	}
	return nil
}

// Do sends the call and gives a successful answer's body to decode. An answer that breaks off while it is read is
// asked for again, as often as the chain's policy retries; decode must then start anew.
func (a *API) Do(ctx context.Context, c Call, decode Decoder) (http.Header, error) {
	policy := a.policy()
	for attempt := 0; ; attempt++ {
		h, err := a.once(ctx, c, decode)
		if err == nil {
			return h, nil
		}
		broken := errors.Is(err, errBroken)
		if !broken || attempt >= policy.Retry.Max || ctx.Err() != nil {
			return h, a.wrap(c, err)
		}
		if err := retry.Sleep(ctx, policy.Retry.Delay(attempt+1)); err != nil {
			return h, a.wrap(c, err)
		}
		StatsFrom(ctx).retried(0)
	}
}

// errBroken marks an answer that began well and broke off.
var errBroken = errors.New("the answer broke off")

func (a *API) once(ctx context.Context, c Call, decode Decoder) (http.Header, error) {
	req, err := a.request(ctx, c)
	if err != nil {
		return nil, err
	}
	resp, err := a.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		return resp.Header, a.answerError(resp, body)
	}
	if decode == nil {
		return resp.Header, nil
	}
	if err := decode(json.NewDecoder(resp.Body)); err != nil {
		return resp.Header, bodyError(ctx, err)
	}
	return resp.Header, nil
}

func (a *API) request(ctx context.Context, c Call) (*http.Request, error) {
	target := c.Path
	if !strings.HasPrefix(target, "https://") {
		target = a.Base + target
	}
	if len(c.Query) > 0 {
		target += "?" + c.Query.Encode()
	}
	method, body := c.Method, io.Reader(nil)
	if c.Body != nil {
		data, err := json.Marshal(c.Body)
		if err != nil {
			return nil, &cloud.Error{Kind: cloud.KindRequest, Detail: "encode request", Err: err}
		}
		body = bytes.NewReader(data)
		if method == "" {
			method = http.MethodPost
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, &cloud.Error{Kind: cloud.KindRequest, Err: err}
	}
	req.Header.Set("Accept", "application/json")
	if c.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(req.Header, c.Header)
	if a.Authorize != nil && !c.Anon {
		if err := a.Authorize(req); err != nil {
			return nil, &cloud.Error{Kind: cloud.KindAuth, Detail: "prepare credential", Err: err}
		}
	}
	return req, nil
}

func (a *API) policy() *Policy {
	if c, ok := a.HTTP.Transport.(*chain); ok {
		return &c.Policy
	}
	return &Policy{}
}

// answerError turns an answer that is not a success into a cloud.Error.
func (a *API) answerError(resp *http.Response, body []byte) error {
	f := a.policy().fault(resp.StatusCode, resp.Header, body)
	e := &cloud.Error{
		Kind: f.Kind, Status: resp.StatusCode, Code: f.Code, Detail: f.Detail, Hint: f.Hint, RetryAfter: f.Wait,
	}
	if e.Detail == "" {
		e.Detail = http.StatusText(resp.StatusCode)
	}
	return e
}

// bodyError classifies what went wrong while a successful answer was read.
func bodyError(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*cloud.Error](err); ok {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, mistyped := errors.AsType[*json.UnmarshalTypeError](err)
	if syntax || mistyped {
		return &cloud.Error{Kind: cloud.KindResponse, Detail: "answer is not what is expected: " + err.Error(), Err: err}
	}
	return &cloud.Error{
		Kind: cloud.KindNetwork, Detail: errBroken.Error() + ": " + err.Error(), Err: errors.Join(errBroken, err),
	}
}

// wrap gives err its operation and blanks secrets out of it.
func (a *API) wrap(c Call, err error) error {
	op := a.Provider + ": " + c.Op
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok {
		e = &cloud.Error{Kind: cloud.KindOf(err), Err: err, Detail: networkDetail(err)}
	}
	out := *e
	out.Op = op
	out.Detail = Redact(out.Detail, a.Secrets)
	if out.Err != nil {
		out.Err = redacted{text: Redact(out.Err.Error(), a.Secrets), err: out.Err}
	}
	return &out
}

// networkDetail says what failed without the URL, whose query may be long.
func networkDetail(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		host := ""
		if at, perr := url.Parse(u.URL); perr == nil {
			host = at.Host + ": "
		}
		return host + u.Err.Error()
	}
	return err.Error()
}

// redacted is an error whose text has been cleaned; errors.Is and As still see the cause.
type redacted struct {
	text string
	err  error
}

func (r redacted) Error() string        { return r.text }
func (r redacted) Is(target error) bool { return errors.Is(r.err, target) }

// Redact replaces every secret in s.
func Redact(s string, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) >= 4 {
			s = strings.ReplaceAll(s, secret, "[redacted]")
		}
	}
	return s
}
