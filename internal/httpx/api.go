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
	"reflect"
	"strconv"
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
	Method string // empty = GET, or POST where there is a Body or a Form
	Path   string // below API.Base, or a whole https URL
	Query  url.Values
	Header http.Header
	Body   any        // sent as JSON; nil = none
	Form   url.Values // sent as a form, as token endpoints want it, where there is no Body
	Anon   bool       // send no credential
}

// Get decodes the answer of a GET into out (nil: whatever it is) and returns the answer's header.
func (a *API) Get(ctx context.Context, op, path string, q url.Values, out any) (http.Header, error) {
	return a.Do(ctx, Call{Op: op, Path: path, Query: q}, Into(out))
}

// Decoder reads a successful answer's body.
type Decoder func(*json.Decoder) error

// Into returns a Decoder that empties what out points to and fills it: nothing is left of another page, or of an
// answer that broke off and is asked for again. Nil takes any JSON.
func Into(out any) Decoder {
	if out == nil {
		return func(d *json.Decoder) error { return d.Decode(new(json.RawMessage)) }
	}
	return func(d *json.Decoder) error {
		if v := reflect.ValueOf(out); v.Kind() == reflect.Pointer && !v.IsNil() {
			v.Elem().SetZero()
		}
		return d.Decode(out)
	}
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
			return h, a.wrap(c, ended(ctx, err, a.host(c)))
		}
		wait := policy.Retry.Delay(attempt + 1)
		StatsFrom(ctx).retried(wait, false)
		if err := retry.Sleep(ctx, wait); err != nil {
			return h, a.wrap(c, ended(ctx, err, "the next try at "+a.host(c)))
		}
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
	body := &reading{Reader: resp.Body}
	if decode != nil {
		if err := decode(json.NewDecoder(body)); err != nil {
			return resp.Header, body.explain(req, err)
		}
	}
	_, _ = io.CopyN(io.Discard, body, maxRest) // only a connection whose answer was read to its end is used again
	return resp.Header, nil
}

func (a *API) request(ctx context.Context, c Call) (*http.Request, error) {
	target := a.target(c)
	if len(c.Query) > 0 {
		target += "?" + c.Query.Encode()
	}
	body, kind, err := c.body()
	if err != nil {
		return nil, err
	}
	method := c.Method
	if method == "" && body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, &cloud.Error{Kind: cloud.KindRequest, Err: err}
	}
	req.Header.Set("Accept", "application/json")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	maps.Copy(req.Header, c.Header)
	if a.Authorize != nil && !c.Anon {
		if err := a.Authorize(req); err != nil {
			return nil, credentialError(ctx, err)
		}
	}
	return req, nil
}

// target is the address of a call, without its query.
func (a *API) target(c Call) string {
	if strings.HasPrefix(c.Path, "https://") {
		return c.Path
	}
	return a.Base + c.Path
}

// host is who a call is made to, for people.
func (a *API) host(c Call) string {
	if u, err := url.Parse(a.target(c)); err == nil {
		return u.Host
	}
	return a.Provider
}

// body returns what the call sends and its media type; nil and "" where it sends nothing.
func (c *Call) body() (body io.Reader, kind string, err error) {
	switch {
	case c.Body != nil:
		data, err := json.Marshal(c.Body)
		if err != nil {
			return nil, "", &cloud.Error{Kind: cloud.KindRequest, Detail: "encode request", Err: err}
		}
		return bytes.NewReader(data), "application/json", nil
	case c.Form != nil:
		return strings.NewReader(c.Form.Encode()), "application/x-www-form-urlencoded", nil
	}
	return nil, "", nil
}

// credentialError classifies what Authorize met: what it classified itself stays, for it may have made a call.
func credentialError(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*cloud.Error](err); ok {
		return err
	}
	if ctx.Err() != nil {
		return ended(ctx, err, "its credential")
	}
	return &cloud.Error{Kind: cloud.KindAuth, Detail: "prepare credential", Err: err}
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

// reading remembers why an answer's body could not be read further.
type reading struct {
	io.Reader
	err error
}

// Read implements io.Reader.
func (r *reading) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// explain says what the error of a Decoder means: the time was over, the connection broke, or the answer is not what is
// expected. A server which is told that nobody listens any more may end half an answer well, before the connection is gone.
func (r *reading) explain(req *http.Request, err error) error {
	if r.err == nil && req.Context().Err() != nil && errors.Is(err, io.ErrUnexpectedEOF) {
		return cloud.Ended(req.Context(), "", "the rest of the answer of "+req.URL.Host)
	}
	if r.err == nil {
		if _, ok := errors.AsType[*cloud.Error](err); ok {
			return err
		}
		return &cloud.Error{Kind: cloud.KindResponse, Detail: "answer is not what is expected: " + err.Error(), Err: err}
	}
	if _, ok := errors.AsType[*cloud.Error](r.err); ok {
		return r.err
	}
	return &cloud.Error{
		Kind: cloud.KindNetwork, Detail: errBroken.Error() + ": " + r.err.Error(), Err: errors.Join(errBroken, r.err),
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
	for _, text := range []*string{&out.Code, &out.Detail, &out.Hint} {
		*text = Redact(*text, a.Secrets)
	}
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

// Redact replaces every secret in s, as it stands or escaped as in a URL or a quoted string.
func Redact(s string, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) < 4 {
			continue
		}
		quoted := strconv.Quote(secret)
		for _, form := range []string{
			secret, url.QueryEscape(secret), url.PathEscape(secret), quoted[1 : len(quoted)-1],
		} {
			s = strings.ReplaceAll(s, form, "[redacted]")
		}
	}
	return s
}
