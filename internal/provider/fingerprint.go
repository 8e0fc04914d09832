package provider

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
)

// Fingerprint returns 16 hex digits that stand for whom the credential is: the same for the same values wherever they
// were found, another one for other values. It is safe to show and to store: the first 8 bytes of a SHA-256, from which
// no value can be read back. A credential without values (a machine's own identity) is known by its method and source.
func (c Credential) Fingerprint() string {
	values := slices.DeleteFunc(slices.Sorted(maps.Values(c.Values)), func(v string) bool { return v == "" })
	kind := "values"
	if len(values) == 0 {
		kind, values = "source", []string{c.Method, c.Source}
	}
	text := []byte("cloudtop credential 1 " + kind)
	for _, v := range values {
		text = binary.AppendUvarint(text, uint64(len(v)))
		text = append(text, v...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
