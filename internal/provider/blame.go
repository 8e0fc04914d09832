package provider

import (
	"errors"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

// Blame returns err with a hint that names where the credential is, if that was refused: the provider itself only knows
// where credentials usually are. Any other error is returned as it is.
func (c *Conn) Blame(err error) error { return c.spec.blame(&c.config.Credential, "was refused", err) }

// blame says of a credential what happened to it.
func (s *Spec) blame(c *Credential, what string, err error) error {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok || e.Kind != cloud.KindAuth || c.Place.Text == "" || s.speaksOfAnother(c, e.Hint) {
		return err
	}
	out := *e
	out.Hint = "the credential from " + c.Place.Text + " " + what
	if e.Hint != "" {
		out.Hint += "; " + c.Place.Name(e.Hint)
	}
	return &out
}

// speaksOfAnother reports whether a hint is of a value that a credential can do without: that is what was refused.
func (s *Spec) speaksOfAnother(c *Credential, hint string) bool {
	return slices.ContainsFunc(s.Auth, func(m AuthMethod) bool {
		return m.Name == c.Method && slices.ContainsFunc(m.Fields, func(f AuthField) bool {
			return f.Optional && slices.ContainsFunc(f.Env, func(name string) bool { return replaceName(hint, name, "") != hint })
		})
	})
}

// Name returns a hint with the names that hold here.
func (p *Place) Name(hint string) string {
	for usual, here := range p.Instead {
		hint = replaceName(hint, usual, here)
	}
	return hint
}

// replaceName replaces a name where it stands by itself.
func replaceName(text, name, by string) string {
	inName := func(s string, at int) bool {
		return at >= 0 && at < len(s) && (s[at] == '_' || s[at] >= '0' && s[at] <= '9' || s[at]|0x20 >= 'a' && s[at]|0x20 <= 'z')
	}
	var b strings.Builder
	for rest := text; ; {
		at := strings.Index(rest, name)
		if at < 0 || name == "" {
			return b.String() + rest
		}
		end := at + len(name)
		b.WriteString(rest[:at])
		if inName(rest, at-1) || inName(rest, end) {
			b.WriteString(name)
		} else {
			b.WriteString(by)
		}
		rest = rest[end:]
	}
}
