package oracle

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

const (
	metadataHost = "169.254.169.254"
	metadataAPI  = "http://" + metadataHost + "/opc/v2"
	sessionBits  = 2048
	// renewBefore is how long before its end a token is exchanged for a new one.
	renewBefore = 5 * time.Minute
)

// instancePrincipal signs as the instance that this program runs on: it exchanges the instance's certificate, which
// the metadata service hands out, for a session token (docs.oracle.com callingservicesfrominstances.htm; the exchange
// as in the vendor's SDK, v65.129.0, common/auth). The SDK's own code would retry by itself and ignore the context.
type instancePrincipal struct {
	http *http.Client
	api  *httpx.API // of the exchange; its Authorize is replaced
	now  func() time.Time

	turn    chan struct{} // held by whoever renews
	session session
}

// session is a token and the key it is bound to.
type session struct {
	token           string
	private         *rsa.PrivateKey
	ends            time.Time
	tenancy, region string
}

func newInstancePrincipal(client *http.Client, api *httpx.API, now func() time.Time) *instancePrincipal {
	return &instancePrincipal{http: client, api: api, now: now, turn: make(chan struct{}, 1)}
}

func (p *instancePrincipal) key(ctx context.Context) (string, *rsa.PrivateKey, error) {
	s, err := p.current(ctx)
	return "ST$" + s.token, s.private, err
}

func (p *instancePrincipal) whose(ctx context.Context) (tenancy, region string, err error) {
	s, err := p.current(ctx)
	return s.tenancy, s.region, err
}

// current returns a session that is good for a while.
func (p *instancePrincipal) current(ctx context.Context) (session, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return session{}, cloud.Ended(ctx, name, "a session of the instance principal")
	}
	if p.session.token != "" && p.now().Add(renewBefore).Before(p.session.ends) {
		return p.session, nil
	}
	s, err := p.renew(ctx)
	if err == nil {
		p.session = s
	}
	return s, err
}

// renew makes a session.
func (p *instancePrincipal) renew(ctx context.Context) (session, error) {
	var place struct {
		RegionIdentifier     string `json:"regionIdentifier"`
		RealmDomainComponent string `json:"realmDomainComponent"`
	}
	data, err := p.metadata(ctx, "/instance/regionInfo")
	if err != nil {
		return session{}, err
	}
	if err := json.Unmarshal(data, &place); err != nil || place.RegionIdentifier == "" {
		return session{}, authError("the metadata service names no region", "")
	}
	var files [3][]byte
	for i, path := range []string{"/identity/cert.pem", "/identity/key.pem", "/identity/intermediate.pem"} {
		if files[i], err = p.metadata(ctx, path); err != nil {
			return session{}, err
		}
	}
	private, err := rsa.GenerateKey(rand.Reader, sessionBits)
	if err != nil {
		return session{}, err
	}
	leaf, err := leafOf(files[0], files[1])
	if err != nil {
		return session{}, authError("the metadata service's certificate: "+err.Error(), "")
	}
	at := endpoint(authAPI, place.RegionIdentifier, place.RealmDomainComponent)
	token, err := p.exchange(ctx, at, leaf, files, private)
	if err != nil {
		return session{}, err
	}
	c, err := claimsOf(token)
	if err != nil {
		return session{}, authError("the session token: "+err.Error(), "")
	}
	return session{token, private, time.Unix(c.Exp, 0), leaf.tenancy, place.RegionIdentifier}, nil
}

// leaf is the instance's certificate.
type leaf struct {
	tenancy string // OCID
	id      string // as requests of the exchange are signed
	private *rsa.PrivateKey
}

func leafOf(certificate, key []byte) (leaf, error) {
	block, _ := pem.Decode(certificate)
	if block == nil {
		return leaf{}, fmt.Errorf("it is not in PEM form")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return leaf{}, err
	}
	none := ""
	private, err := common.PrivateKeyFromBytes(key, &none)
	if err != nil {
		return leaf{}, err
	}
	for _, n := range cert.Subject.Names {
		if v, ok := n.Value.(string); ok && strings.HasPrefix(v, "opc-tenant:") {
			tenancy := strings.TrimPrefix(v, "opc-tenant:")
			sum := sha256.Sum256(cert.Raw)
			return leaf{tenancy, tenancy + "/fed-x509-sha256/" + colons(sum[:]), private}, nil
		}
	}
	return leaf{}, fmt.Errorf("it names no tenancy")
}

// exchange gets a session token for the public half of private.
func (p *instancePrincipal) exchange(
	ctx context.Context, at string, l leaf, files [3][]byte, private *rsa.PrivateKey,
) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return "", err
	}
	body := map[string]any{
		"certificate": bare(files[0]), "publicKey": base64.StdEncoding.EncodeToString(der),
		"intermediateCertificates": []string{bare(files[2])}, "fingerprintAlgorithm": "SHA256",
	}
	api := *p.api
	api.Authorize = func(r *http.Request) error { // this endpoint wants no host in the signature
		r.Header.Set("Date", p.now().UTC().Format(http.TimeFormat))
		held := heldKey{l.id, l.private}
		return common.RequestSigner(held, []string{"date", "(request-target)"}, common.DefaultBodyHeaders()).Sign(r)
	}
	var answer struct{ Token string }
	call := httpx.Call{Op: "exchange the instance's certificate", Path: at + "/x509", Body: body}
	_, err = api.Do(ctx, call, httpx.Into(&answer))
	return answer.Token, err
}

// bare returns the base64 text of a PEM block without its lines.
func bare(text []byte) string {
	block, _ := pem.Decode(text)
	if block == nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(block.Bytes)
}

// metadata reads one entry of the metadata service, which answers on Oracle's own machines only.
func (p *instancePrincipal) metadata(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, metadataAPI+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer Oracle")
	resp, err := p.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, cloud.Ended(ctx, name, "the instance's metadata")
		}
		return nil, &cloud.Error{
			Kind: cloud.KindAuth, Op: name + ": log in", Detail: "the metadata service does not answer", Err: err,
			Hint: "instance principals work on Oracle Cloud instances only; elsewhere use ~/.oci/config",
		}
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, authError(fmt.Sprintf("the metadata service answers %d for %s", resp.StatusCode, path), "")
	}
	return bytes.TrimSpace(data), nil
}

// resourcePrincipal signs as an Oracle Cloud function or workload: its environment holds a session token and a key,
// or the files that they are in (docs.oracle.com functionsaccessingociresources.htm, version 2.2).
type resourcePrincipal struct {
	values  map[string]string
	private *rsa.PrivateKey
	read    readFile
}

func newResourcePrincipal(values map[string]string, read readFile) (*resourcePrincipal, error) {
	text, err := inline(values["private_pem"], read)
	if err != nil {
		return nil, authError("the resource principal's key cannot be read: "+err.Error(), "")
	}
	key := map[string]string{"private_key": text}
	private, err := privateKey(key, read)
	if err != nil {
		return nil, err
	}
	return &resourcePrincipal{values: values, private: private, read: read}, nil
}

// inline returns v itself, or what is in the file that v names.
func inline(v string, read readFile) (string, error) {
	if !strings.HasPrefix(v, "/") {
		return v, nil
	}
	data, err := read(v)
	return strings.TrimSpace(string(data)), err
}

func (p *resourcePrincipal) key(context.Context) (string, *rsa.PrivateKey, error) {
	token, err := inline(p.values["rpst"], p.read)
	if err != nil {
		return "", nil, authError("the resource principal's token cannot be read: "+err.Error(), "")
	}
	return "ST$" + token, p.private, nil
}

func (p *resourcePrincipal) whose(ctx context.Context) (tenancy, region string, err error) {
	id, _, err := p.key(ctx)
	if err != nil {
		return "", "", err
	}
	c, err := claimsOf(strings.TrimPrefix(id, "ST$"))
	if err != nil {
		return "", "", authError("the resource principal's token: "+err.Error(), "")
	}
	return c.tenancy(), regionName(p.values["principal_region"]), nil
}
