package config

import (
	"fmt"
	"strings"

	"github.com/adsops/cloudtop/internal/provider"
)

// in returns where the file has a key of "auth", in a form that has a %s for it; "" where that is not known.
func (s *search) in(key, form string) string {
	if at := s.where(key); at != "" {
		return fmt.Sprintf(form, at)
	}
	return ""
}

// placed says where a credential is: of what it is made of, what it cannot do without.
func (s *search) placed(w *way, f *found) provider.Place {
	p := provider.Place{Text: f.Source, Instead: s.instead(w, f)}
	if f.file != "" {
		p.Text = f.file
		if s.auth[keyFileKey] != "" {
			p.Text += s.in(keyFileKey, " (named in %s)")
		}
		return p
	}
	var all []string
	for _, field := range w.Fields {
		if field.Optional || f.Values[field.Name] == "" {
			continue
		}
		variable := f.vars[field.Name]
		switch at := s.in(envPrefix+field.Name, " (named in %s)"); {
		case variable == "":
			all = append(all, s.key(field.Name)+s.in(field.Name, " (%s)"))
		case s.auth[envPrefix+field.Name] != "":
			all = append(all, "environment "+s.variable(field.Name, variable)+at)
		default:
			all = append(all, "environment "+variable)
		}
	}
	if len(all) > 0 {
		p.Text = strings.Join(all, ", ")
	}
	return p
}

// instead returns what holds in place of the usual variables and files of a way, by their names: where its values were
// found or, with no found, where the configuration says that they are.
func (s *search) instead(w *way, f *found) map[string]string {
	instead := map[string]string{}
	file := s.auth[keyFileKey]
	if f != nil && file != "" {
		file = f.file
	}
	for _, field := range w.Fields {
		here := ""
		switch {
		case s.auth[field.Name] != "" && !reserved(field.Name):
			here = s.key(field.Name)
		case s.auth[envPrefix+field.Name] != "":
			here = s.variable(field.Name, s.auth[envPrefix+field.Name])
		case f != nil && f.vars[field.Name] != "":
			here = f.vars[field.Name]
		case file != "" && !field.Optional:
			here = "it in " + file
		}
		for _, usual := range field.Env {
			if here != "" && usual != here {
				instead[usual] = here
			}
		}
	}
	for _, usual := range w.Files {
		if file != "" && usual != file {
			instead[usual] = file
		}
	}
	return instead
}
