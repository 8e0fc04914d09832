package config

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/adsops/cloudtop/internal/provider"
)

// base is the schema of Config without what a registry adds: made from the types by `go test ./internal/config -update`.
//
//go:embed schema.json
var base []byte

// schema is the part of JSON Schema 2020-12 that is used here.
type schema struct {
	Version     string             `json:"$schema,omitempty"`
	Ref         string             `json:"$ref,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        string             `json:"type,omitempty"`
	Const       string             `json:"const,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Default     any                `json:"default,omitempty"`
	Examples    []string           `json:"examples,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	MinLength   int                `json:"minLength,omitempty"`
	Minimum     *float64           `json:"minimum,omitempty"`
	WriteOnly   bool               `json:"writeOnly,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Names       *schema            `json:"propertyNames,omitempty"`
	Additional  *additional        `json:"additionalProperties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	AnyOf       []*schema          `json:"anyOf,omitempty"`
	Defs        map[string]*schema `json:"$defs,omitempty"`
}

// additional is what keys that are not named may hold: nothing, where it is nil inside.
type additional struct{ *schema }

// MarshalJSON implements json.Marshaler.
func (a additional) MarshalJSON() ([]byte, error) {
	if a.schema == nil {
		return []byte("false"), nil
	}
	return json.Marshal(a.schema)
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *additional) UnmarshalJSON(data []byte) error {
	if string(data) == "false" {
		return nil
	}
	return json.Unmarshal(data, &a.schema)
}

// Schema returns the JSON Schema (2020-12) of the configuration for the providers of a registry. It accepts what Read
// accepts, and nothing else but what a schema cannot tell: keys that are there twice, and texts that have the form of a
// duration or an address but are too long, too short or none that can be used.
func Schema(reg provider.Registry) ([]byte, error) {
	var root schema
	if err := json.Unmarshal(base, &root); err != nil {
		return nil, fmt.Errorf("config: schema.json: %w", err)
	}
	providers := root.Properties["providers"]
	part := providers.Additional.schema
	providers.Additional, providers.Properties = &additional{}, map[string]*schema{}
	root.Defs = map[string]*schema{}
	for _, s := range reg {
		root.Defs[s.Name] = part.of(s)
		for _, name := range append([]string{s.Name}, s.Aliases...) {
			providers.Properties[name] = &schema{Ref: "#/$defs/" + s.Name}
		}
	}
	return indented(root), nil
}

// of returns the schema of one provider's part.
func (s *schema) of(spec *provider.Spec) *schema {
	part := *s
	part.Title, part.Properties = spec.Title, map[string]*schema{}
	for key, of := range s.Properties {
		described := *of
		part.Properties[key] = &described
	}
	part.Properties["auth"].AnyOf, part.Properties["auth"].Additional = authSchemas(spec), nil
	part.Properties["services"].Items = &schema{Type: "string", Enum: serviceNames(spec)}
	options := part.Properties["options"]
	options.Additional, options.Properties = &additional{}, map[string]*schema{}
	for _, o := range spec.Options {
		options.Properties[o.Name] = optionSchema(o)
	}
	return &part
}

func optionSchema(o provider.Option) *schema {
	one := &schema{Description: o.Help, Enum: o.Values, Type: map[string]string{"bool": "boolean", "strings": "array"}[o.Type]}
	if one.Type == "" {
		one.Type = o.Type
	}
	if o.Type == "strings" {
		one.Items = &schema{Type: "string"}
	}
	return one
}

// authSchemas returns one schema for each way to find a provider's credential.
func authSchemas(spec *provider.Spec) []*schema {
	empty := true
	var all []*schema
	for _, w := range waysOf(spec) {
		all = append(all, authSchema(spec, &w))
		empty = empty && w.only
	}
	if empty {
		all = append(all, &schema{Additional: &additional{}})
	}
	return all
}

func authSchema(spec *provider.Spec, w *way) *schema {
	secret := secretFields(spec)
	one := &schema{Description: w.Help, Properties: map[string]*schema{}, Additional: &additional{}}
	for _, key := range w.keys() {
		r := authRules(spec, key)
		s := &schema{Type: "string", Pattern: r.pattern, WriteOnly: secret[key]}
		if r.filled {
			s.MinLength = 1
		}
		if r.example != "" {
			s.Examples = []string{r.example}
		}
		one.Properties[key] = s
	}
	one.Properties[methodKey] = &schema{Const: w.name}
	if w.only {
		one.Required = []string{methodKey}
	}
	return one
}
