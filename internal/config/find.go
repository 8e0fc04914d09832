package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/provider"
)

// search looks for one provider's credential and remembers what it saw.
type search struct {
	src    Source
	spec   *provider.Spec
	auth   Auth
	dir    string                  // where relative paths of "auth" start
	where  func(key string) string // the file and line of a key of "auth"; empty = unknown
	looked []string                // every place, in order
	faults []string                // what is there but cannot be used, and why
	lacks  []string                // what would make an incomplete credential complete
}

// found is a credential and where each of its values is.
type found struct {
	provider.Credential
	vars map[string]string // environment variables by field
	file string            // as people write it
}

// run returns the first complete credential, nil where there is none.
func (s *search) run() *found {
	for _, w := range fitting(s.spec, s.auth) {
		if f := s.try(&w); f != nil {
			f.Place = s.placed(&w, f)
			return f
		}
	}
	return nil
}

func (s *search) try(w *way) *found {
	if w.Ambient {
		s.look(ownIdentity)
		f, _ := s.values(w)
		f.Source = ownIdentity
		return f
	}
	if path := s.auth[keyFileKey]; path != "" {
		return s.fromFile(w, path, true)
	}
	if f := s.fromValues(w); f != nil {
		return f
	}
	if s.bound(w) {
		return nil
	}
	for _, path := range w.Files {
		if f := s.fromFile(w, path, false); f != nil {
			return f
		}
	}
	return nil
}

// bound reports whether the configuration says in which variable a needed value is: it is nowhere else then.
func (s *search) bound(w *way) bool {
	return slices.ContainsFunc(w.Fields, func(f provider.AuthField) bool {
		return !f.Optional && s.auth[envPrefix+f.Name] != ""
	})
}

func (s *search) look(place string) {
	if !slices.Contains(s.looked, place) {
		s.looked = append(s.looked, place)
	}
}

// fromValues takes the credential from the configuration and the environment, nil where it is not complete there.
func (s *search) fromValues(w *way) *found {
	f, sources := s.values(w)
	missing := lacking(w, f.Values)
	if len(missing) > 0 || len(f.Values) == 0 {
		if len(f.Values) > 0 {
			s.lacks = append(s.lacks, s.lack(w, missing))
		}
		return nil
	}
	f.Source = strings.Join(sources, ", ")
	return f
}

// values returns what the configuration and the environment say of a way, and in which places.
func (s *search) values(w *way) (*found, []string) {
	f := &found{vars: map[string]string{}}
	f.Method, f.Values = w.Name, map[string]string{}
	var sources []string
	for _, field := range w.Fields {
		value, variable := s.value(&field)
		if value == "" {
			continue
		}
		f.Values[field.Name] = value
		source := "the configuration"
		if variable != "" {
			f.vars[field.Name] = variable
			source = "environment " + s.variable(field.Name, variable)
		}
		sources = append(sources, source)
	}
	return f, unique(sources)
}

// value returns a field's value: what the configuration says, else the variable that it names, else the first of the
// field's own variables that is set. A variable that is named is the only one.
func (s *search) value(f *provider.AuthField) (value, variable string) {
	if v := s.auth[f.Name]; v != "" && !reserved(f.Name) {
		return v, ""
	}
	names := f.Env
	if name := s.auth[envPrefix+f.Name]; name != "" {
		names = []string{name}
	}
	for _, name := range names {
		if !f.Optional {
			s.look(inEnvironment + s.variable(f.Name, name))
		}
		if v := strings.TrimSpace(s.src.Getenv(name)); v != "" {
			return v, name
		}
	}
	return "", ""
}

// variable returns a variable's name as it may be shown: a name from the configuration that the Spec does not know
// only where it cannot well be the secret itself, put in the wrong place.
func (s *search) variable(fieldName, name string) string {
	known := func(m provider.AuthMethod) bool {
		return slices.ContainsFunc(m.Fields, func(f provider.AuthField) bool { return slices.Contains(f.Env, name) })
	}
	if slices.ContainsFunc(s.spec.Auth, known) || strings.Contains(name, "_") && name == strings.ToUpper(name) {
		return name
	}
	return "variable of " + s.key(envPrefix+fieldName)
}

// key returns the full name of a key of "auth".
func (s *search) key(name string) string { return "providers." + s.spec.Name + ".auth." + name }

// lacking returns the fields that a way needs and values does not have.
func lacking(w *way, values map[string]string) []string {
	var missing []string
	for _, f := range w.Fields {
		if !f.Optional && values[f.Name] == "" {
			missing = append(missing, f.Name)
		}
	}
	return missing
}

// lack says how to set what is missing.
func (s *search) lack(w *way, missing []string) string {
	var how []string
	for _, f := range w.Fields {
		if !slices.Contains(missing, f.Name) {
			continue
		}
		names := f.Env
		if name := s.auth[envPrefix+f.Name]; name != "" {
			names = []string{name}
		}
		if len(names) > 0 {
			how = append(how, "environment "+s.variable(f.Name, names[0]))
		} else {
			how = append(how, s.key(f.Name))
		}
	}
	return strings.Join(how, ", ")
}

// fromFile takes the credential from a file; what the file does not say may stand in the environment. It returns nil
// where the file is not there, or is of no use, which is a fault. A file that is named, by the configuration or by a
// variable, must be there.
func (s *search) fromFile(w *way, path string, must bool) *found {
	full, ok := s.src.expand(path)
	if !ok {
		s.look(path)
		return nil
	}
	if !filepath.IsAbs(full) {
		full = filepath.Join(s.dir, full)
	}
	shown := s.src.short(full)
	s.look(shown)
	data, err := s.src.ReadFile(full)
	if errors.Is(err, fs.ErrNotExist) && !must && !isVariable(path) {
		return nil
	}
	if err != nil {
		s.fault(shown, reason(err))
		return nil
	}
	inFile, err := s.parse(w, data)
	if errors.Is(err, fs.ErrNotExist) && !must { // the vendor's tool keeps the file, and nobody is signed in
		return nil
	}
	if err != nil {
		s.fault(shown, withoutWords(err.Error(), data))
		return nil
	}
	return s.fill(w, inFile, full, shown)
}

// isVariable reports whether a path is nothing but a variable that holds it.
func isVariable(path string) bool {
	return strings.HasPrefix(path, "$") && !strings.Contains(path, "/")
}

func (s *search) fault(shown, why string) { s.faults = unique(append(s.faults, shown+": "+why)) }

// reason says why a file could not be read, without its path.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// parse returns the values of a file. The way's parser sees what the configuration says of a field in the field's
// variables: so a configured profile chooses the part of the file.
func (s *search) parse(w *way, data []byte) (map[string]string, error) {
	if w.Parse == nil {
		return map[string]string{w.firstNeeded(): strings.TrimSpace(string(data))}, nil
	}
	return w.Parse(data, func(name string) string {
		for _, f := range w.Fields {
			configured := s.auth[f.Name] != "" || s.auth[envPrefix+f.Name] != ""
			if configured && slices.Contains(f.Env, name) {
				value, _ := s.value(&f)
				return value
			}
		}
		return s.src.Getenv(name)
	})
}

// firstNeeded returns the field that a file without structure holds.
func (w *way) firstNeeded() string {
	for _, f := range w.Fields {
		if !f.Optional {
			return f.Name
		}
	}
	return ""
}

// fill completes the values of a file by those of the configuration, which win, and of the environment, which do not.
func (s *search) fill(w *way, inFile map[string]string, full, shown string) *found {
	f, _ := s.values(w)
	for name, v := range inFile {
		idle := f.Values[name] == "" || f.vars[name] != "" && s.auth[envPrefix+name] == ""
		if v != "" && idle {
			f.Values[name] = v
			delete(f.vars, name)
		}
	}
	if missing := lacking(w, f.Values); len(missing) > 0 {
		s.fault(shown, "it has no "+strings.Join(missing, ", "))
		return nil
	}
	f.Source, f.File, f.file = shown, full, shown
	return f
}

// withoutWords masks what an error of a parser repeats of the file: its longer words, unless they are mere names.
func withoutWords(message string, data []byte) string {
	split := func(c rune) bool { return strings.ContainsRune(" \t\r\n\"'`=:,;[]{}()", c) }
	name := func(c rune) bool { return c == '_' || c >= 'a' && c <= 'z' }
	for word := range strings.FieldsFuncSeq(string(data), split) {
		if len(word) >= 12 && strings.TrimFunc(word, name) != "" {
			message = strings.ReplaceAll(message, word, masked)
		}
	}
	return message
}

func reserved(key string) bool { return key == methodKey || key == keyFileKey }
