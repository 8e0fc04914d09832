package oraclesim

import (
	"crypto/md5" //nolint:gosec // an API key's fingerprint is its MD5
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"strings"
)

// demoKey is the API key of the simulated user. It was made for this simulator, is public, and opens nothing: no
// real tenancy knows it.
const demoKey = `-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEAp63bTefQRpZZEbFZy2ECYS8YbX6hyaueqYUu3Zh+zjgBZLTz
7SS6UOJ2EHTwbVxLK5r7jCDrqOKuSffaHOYicZ39E+7UzccotdKRAC0CfoPCxaxZ
dy2xbDil88jNiPvIRuoaHTzk0o/Pj95+Pd+3+YfYsJyIwnPcsvrPwWtEtaYqbKfx
uBYo/c+PuP2d1o5xhp54ra6+r29dlKucRidwlgqGS9h9Zri5bbxEOoaP+A+sGLSB
uDMzXuWkB9qrsEpc/uSI0BbCJlupiBLnIPFCxeHs9FRgSZ9VtwKQFGDPuxfuNxWM
V9UPzVqyduB8NMPPVbJAvIaJU2+Pd2Za9v7TVwIDAQABAoIBAEqrdNQqDYlJjat/
11Vmw1kE0HN+J0z4BIVIHlkm/h0WOqSeoltx9hhr6JimgqSoq37lGuzJgjgojeW5
nmMtJpyC9v7n5dMnQ91IQjMaWBh/034UpJiae/6N8XTw8Hp2aTcPLAbmJZ4Q1aUj
NwOVu0c/NANeCdbSIq9/WoIvIx9igGciQ+YYUZiS6FKhqMqbaKfM0mq2FIH/mVeB
tST9hMDqg7VvbcjRz9s+DmHfeVMzl2uWy/4eK3Btv7WVM7OMn62Y9H1jc0LXPEvs
VaBen0kFEUkF/ogo6+Y1P0hVcnjHsKZzaqPMpyZO/M1Wf0WftWsUSxiY9JIGiLE8
7k1L90kCgYEA6lcRh1Gne+k+reaeB9OvrC4mmYqV07ZmBL8k0LJ36RlL8F401teM
qBp9nHNm+Zi7NcWN6rnQSeqpFzNdYSMukO8jFQXce0FumEcf+SDmwPBZTWQl1qqC
GsdOT3koQTbcywR4VDRi6oygxhFrfJfkC2TEUmI7uXrjcbKFk3p45U8CgYEAty12
fq1k5NWvd0DJzvtJBWmu3Uk00+b/FL8hutau3oV98gBvnDBYDn3NQvFExysSoiEm
UlH3g58g/gtjbNVgXTcLFhP49yAhllQ4Kjd1fsWCSZKZsFNeyjxCLym2SwiCDbXC
q2twDKy1xf2Ytjod/xUTeQW3+sePUykV9TLUP3kCgYAOKOSuQIjWO+nFqEG0R14+
ESvT60PSXxsa/lHDKoWEWDr2czrOIIgnQDKG2ZJHUqs9PIquvDuRu9QryrbBv9Z4
e3qrMod4CyQbn3CXJR3MWrmKq5p9th/WbmSU+MUt65q7ybFbpS607XppfXP5O1RU
O+qA796b/ojvvdHEb4oOkQKBgDfhhamligcJbUsLF8WuARvGntLhF12htaWFnWub
PKOjw8VE/sd+NA7PsAPBCMNdz4RoaoFoggLEU9NMdBtqiMhHF3m3xBbX1Yc/0BaI
7q4q4NFDCOGyvVMiyOoMZpFDWjGGhom27+rd8WIiOCk3V5lOu68K4JJ/uKic+xbf
V8K5AoGBALMdyfX78YwxE5r6L6ui5vVBq3za/BFhpmemhRJCIuMU6vGo4d0TdZFb
VBe49Unp8HEsmvcmHE6zS/xiUgghsCp94mTwLPzCFBnrzN3N5nuXRU/Jrae6duXT
wvCvDdR3mZnsQybI6Tm462NbY6qH9z6t9lGnyPfanvD6lHXD5BMy
-----END RSA PRIVATE KEY-----
`

// parseKey reads a PKCS #1 private key.
func parseKey(text string) *rsa.PrivateKey {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		panic("oraclesim: the key is not in PEM form")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		panic("oraclesim: " + err.Error())
	}
	return key
}

// fingerprintOf returns an API key's fingerprint: the MD5 of the public key in DER form
// (docs.oracle.com/iaas/Content/API/Concepts/apisigningkey.htm).
func fingerprintOf(key *rsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic("oraclesim: " + err.Error())
	}
	sum := md5.Sum(der) //nolint:gosec // see the import
	return hexPairs(sum[:])
}

// hexPairs writes bytes as hex pairs with colons between them.
func hexPairs(b []byte) string {
	var out strings.Builder
	for i := range b {
		if i > 0 {
			out.WriteByte(':')
		}
		out.WriteString(hex.EncodeToString(b[i : i+1]))
	}
	return out.String()
}
