package oraclesim

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const (
	metadataHost = "169.254.169.254"
	sessionLife  = time.Hour
)

// leafOnce is the certificate that the metadata service hands out, made at its first use.
type leafOnce struct {
	once sync.Once
	der  []byte
}

// leafDER returns the instance's certificate: it names the tenancy, and its key is the demo key.
func (c *cloud) leafDER() []byte {
	c.leaf.once.Do(func() {
		t := &x509.Certificate{
			SerialNumber: big.NewInt(1), NotBefore: sim.Epoch.AddDate(-1, 0, 0), NotAfter: sim.Epoch.AddDate(10, 0, 0),
			Subject: pkix.Name{
				CommonName:         "ocid1.instance.oc1.iad.simulated",
				OrganizationalUnit: []string{"opc-certtype:instance", "opc-tenant:" + c.tenancy, "opc-instance:ocid1.instance.oc1.iad.simulated"},
			},
		}
		der, err := x509.CreateCertificate(rand.Reader, t, t, &c.key.PublicKey, c.key)
		if err != nil {
			panic("oraclesim: " + err.Error())
		}
		c.leaf.der = der
	})
	return c.leaf.der
}

// metadata answers the instance metadata service, version 2
// (docs.oracle.com/iaas/Content/Compute/Tasks/gettingmetadata.htm). It is the service of one simulated instance.
func (c *cloud) metadata(w http.ResponseWriter, r *http.Request) *fault {
	if r.Header.Get("Authorization") != "Bearer Oracle" {
		return &fault{http.StatusForbidden, "NotAuthorized", "Authorization header is missing"}
	}
	home := c.regions[0]
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.leafDER()})
	switch r.URL.Path {
	case "/opc/v2/instance/region":
		writeText(w, []byte(home.name))
	case "/opc/v2/instance/regionInfo":
		writeJSON(w, http.StatusOK, map[string]string{
			"realmKey": "oc1", "realmDomainComponent": "oraclecloud.com", "regionKey": strings.ToUpper(home.key), "regionIdentifier": home.name,
		})
	case "/opc/v2/identity/cert.pem", "/opc/v2/identity/intermediate.pem":
		writeText(w, certificate)
	case "/opc/v2/identity/key.pem":
		writeText(w, []byte(demoKey))
	default:
		return &fault{http.StatusNotFound, "NotFound", "Not Found"}
	}
	return nil
}

func writeText(w http.ResponseWriter, data []byte) {
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write(data)
}

// federate answers the exchange of an instance's certificate for a session token. The request is signed with the
// certificate's key, and its signature does not cover the host.
func (c *cloud) federate(w http.ResponseWriter, r *http.Request) *fault {
	if r.URL.Path != "/v1/x509" {
		return hidden()
	}
	if r.Method != http.MethodPost {
		return faultOf(http.StatusMethodNotAllowed)
	}
	s, err := parseSignature(r.Header.Get("Authorization"))
	sum := sha256.Sum256(c.leafDER())
	if err != nil || s.covers(r, false) != nil || s.keyID != c.tenancy+"/fed-x509-sha256/"+hexPairs(sum[:]) {
		return unauthenticated("")
	}
	if f := c.check(r, &s, &c.key.PublicKey); f != nil {
		return f
	}
	var d struct {
		Certificate              string   `json:"certificate"`
		PublicKey                string   `json:"publicKey"`
		IntermediateCertificates []string `json:"intermediateCertificates"`
		FingerprintAlgorithm     string   `json:"fingerprintAlgorithm"`
		Purpose                  string   `json:"purpose"`
	}
	if f := decodeBody(r, &d); f != nil {
		return f
	}
	der, err := base64.StdEncoding.DecodeString(d.PublicKey)
	if err != nil || d.Certificate != base64.StdEncoding.EncodeToString(c.leafDER()) {
		return unauthenticated("")
	}
	key, err := x509.ParsePKIXPublicKey(der)
	public, ok := key.(*rsa.PublicKey)
	if err != nil || !ok {
		return invalid("publicKey is not an RSA key")
	}
	writeJSON(w, http.StatusOK, map[string]string{"token": c.token(public)})
	return nil
}

// claims are what a session token says.
type claims struct {
	Subject string `json:"sub"`
	Tenant  string `json:"tenant"`
	Type    string `json:"ptype"`
	Issuer  string `json:"iss"`
	Issued  int64  `json:"iat"`
	Ends    int64  `json:"exp"`
	Key     string `json:"jwk"` // the public key that the token is bound to, as JSON
}

// webKey is an RSA public key as a JSON web key.
type webKey struct {
	Kind     string `json:"kty"`
	Modulus  string `json:"n"`
	Exponent string `json:"e"`
}

// token makes a session token that is bound to a key.
func (c *cloud) token(public *rsa.PublicKey) string {
	key, _ := json.Marshal(webKey{
		"RSA", base64.RawURLEncoding.EncodeToString(public.N.Bytes()),
		base64.RawURLEncoding.EncodeToString(big.NewInt(int64(public.E)).Bytes()),
	})
	now := c.world.Now()
	head, _ := json.Marshal(map[string]string{"kid": "simulator", "alg": "RS256"})
	body, _ := json.Marshal(claims{
		"ocid1.instance.oc1.iad.simulated", c.tenancy, "instance", "authService.oracle.com", now.Unix(),
		now.Add(sessionLife).Unix(), string(key),
	})
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(nil, c.key, crypto.SHA256, sum[:])
	if err != nil {
		panic("oraclesim: " + err.Error())
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// sessionKey returns the key that a token is bound to, nil where it is none of ours or has expired.
func (c *cloud) sessionKey(token string) *rsa.PublicKey {
	dot := strings.LastIndexByte(token, '.')
	if dot < 0 {
		return nil
	}
	sum := sha256.Sum256([]byte(token[:dot]))
	sig, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil || rsa.VerifyPKCS1v15(&c.key.PublicKey, crypto.SHA256, sum[:], sig) != nil {
		return nil
	}
	_, body, _ := strings.Cut(token[:dot], ".")
	data, err := base64.RawURLEncoding.DecodeString(body)
	var says claims
	var key webKey
	if err != nil || json.Unmarshal(data, &says) != nil || json.Unmarshal([]byte(says.Key), &key) != nil ||
		says.Ends <= c.world.Now().Unix() {
		return nil
	}
	n, nerr := base64.RawURLEncoding.DecodeString(key.Modulus)
	e, eerr := base64.RawURLEncoding.DecodeString(key.Exponent)
	if nerr != nil || eerr != nil {
		return nil
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
}
