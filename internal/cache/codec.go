package cache

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// The body of an entry is MessagePack without names: the fields in the order in which this file writes them. Strings
// that repeat (providers, regions, types, names of metrics) are numbers of words in a table; what is unique (IDs,
// names) is a length, its text standing in one run of text. So neither is written, compressed or allocated twice.
//
//	fields  binary: those of Entry, without At and TTL, which the label has
//	text    string
//	words   string, and array of lengths
//
// Each write method of encoder has its read method of the same name in decoder. Whatever changes here changes version.

// encode returns the body of e.
func encode(e *Entry) ([]byte, error) {
	w := newEncoder(e.At, sizeOf(e), 64*len(e.Resources))
	w.entry(e)
	return w.body()
}

// sizeOf estimates the size of a body, so that it seldom has to move while it grows.
func sizeOf(e *Entry) int {
	n := 512 + 128*len(e.Offers) + 96*len(e.Markets) + 64*len(e.Costs) + 64*len(e.Quotes)
	for _, r := range e.Resources {
		if r != nil {
			n += 128 + 12*len(r.Metrics) + 12*len(r.Attrs) + 8*len(r.Tags)
		}
	}
	for _, readings := range e.Samples {
		n += 64 + 12*len(readings)
	}
	return n
}

// decode reads a body into e, whose At must be that of the encoded one.
func decode(body []byte, e *Entry) error {
	r := newDecoder(e.At, body)
	r.entry(e)
	return r.end()
}

func (w *encoder) entry(e *Entry) {
	w.int(int64(e.Calls))
	w.int(int64(e.Took))
	w.unique(e.Gaps)
	writeList(w, e.Scopes, (*encoder).scope)
	w.resources(e.Resources)
	writeMap(w, e.Samples, (*encoder).metrics)
	writeMap(w, e.Quotes, (*encoder).quote)
	writeList(w, e.Offers, (*encoder).offer)
	writeList(w, e.Markets, (*encoder).market)
	writeList(w, e.Costs, (*encoder).cost)
}

func (r *decoder) entry(e *Entry) {
	e.Calls = int(r.int())
	e.Took = time.Duration(r.int())
	e.Gaps = r.unique()
	e.Scopes = readList(r, nil, (*decoder).scope)
	e.Resources = r.resources()
	e.Samples = readMap(r, func(r *decoder, m *[]cloud.Metric) { *m = r.metrics() })
	e.Quotes = readMap(r, (*decoder).quote)
	e.Offers = readList(r, nil, (*decoder).offer)
	e.Markets = readList(r, nil, (*decoder).market)
	e.Costs = readList(r, nil, (*decoder).cost)
}

func (w *encoder) scope(s *cloud.Scope) {
	w.words4(s.Account, s.AccountName, s.Region, s.Compartment)
}

func (r *decoder) scope(s *cloud.Scope) {
	r.words4(&s.Account, &s.AccountName, &s.Region, &s.Compartment)
}

func (w *encoder) resources(list []*cloud.Resource) {
	if w.len(len(list), list == nil); w.err != nil {
		return
	}
	for _, r := range list {
		if r == nil {
			w.err = errors.New("a resource is nil")
			return
		}
		w.resource(r)
	}
}

func (r *decoder) resources() []*cloud.Resource {
	n, isNil := r.lenOrNil(resourceSize)
	if isNil {
		return nil
	}
	list := make([]*cloud.Resource, n)
	all := make([]cloud.Resource, n)
	for i := range list {
		if r.err != nil {
			return nil
		}
		list[i] = &all[i]
		r.resource(list[i])
	}
	return list
}

// resourceSize is the least that a resource takes: a byte for every value.
const resourceSize = 16

func (w *encoder) resource(c *cloud.Resource) {
	w.words4(c.Provider, c.Account, c.Region, c.Compartment)
	w.words4(c.Service, c.Type, string(c.Status), c.NativeStatus)
	w.unique(c.ID)
	w.unique(c.Name)
	w.time(c.CreatedAt)
	writeList(w, c.Tags, (*encoder).tag)
	if w.bool(c.GPU != nil); c.GPU != nil {
		w.word(c.GPU.Type)
		w.float(c.GPU.Count)
		w.float(c.GPU.MemoryGB)
	}
	writeList(w, c.Attrs, (*encoder).attr)
	w.metrics(c.Metrics)
	if w.bool(c.Cost != nil); c.Cost != nil {
		w.price(c.Cost)
	}
}

func (r *decoder) resource(c *cloud.Resource) {
	r.words4(&c.Provider, &c.Account, &c.Region, &c.Compartment)
	r.words4(&c.Service, &c.Type, (*string)(&c.Status), &c.NativeStatus)
	c.ID = r.unique()
	c.Name = r.unique()
	c.CreatedAt = r.time()
	c.Tags = readList(r, &r.tags, (*decoder).tag)
	if r.bool() {
		c.GPU = &r.gpus.take(1)[0]
		*c.GPU = cloud.GPU{Type: r.word(), Count: r.float(), MemoryGB: r.float()}
	}
	c.Attrs = readList(r, &r.attrs, (*decoder).attr)
	c.Metrics = r.metrics()
	if r.bool() {
		r.quote(&c.Cost)
	}
}

func (w *encoder) tag(t *cloud.Tag) {
	w.word(t.Key)
	w.word(t.Value)
}

func (r *decoder) tag(t *cloud.Tag) { t.Key, t.Value = r.word(), r.word() }

func (w *encoder) metrics(list []cloud.Metric) { writeList(w, list, (*encoder).metric) }

func (r *decoder) metrics() []cloud.Metric { return readList(r, &r.readings, (*decoder).metric) }

func (w *encoder) metric(m *cloud.Metric) {
	w.word(m.Name)
	w.float(m.Value)
	w.time(m.At.Time())
}

func (r *decoder) metric(m *cloud.Metric) {
	m.Name, m.Value, m.At = r.word(), r.float(), cloud.InstantOf(r.time())
}

func (w *encoder) price(p *cloud.Price) {
	w.float(p.Low)
	w.float(p.High)
	w.word(p.Currency)
	w.word(p.Source)
	w.time(p.At)
}

func (r *decoder) price(p *cloud.Price) {
	*p = cloud.Price{Low: r.float(), High: r.float(), Currency: r.word(), Source: r.word(), At: r.time()}
}

func (w *encoder) quote(p *cloud.Price) {
	if p == nil {
		w.err = errors.New("a quote is nil")
		return
	}
	w.price(p)
}

func (r *decoder) quote(p **cloud.Price) {
	*p = &r.prices.take(1)[0]
	r.price(*p)
}

func (w *encoder) offer(o *cloud.Offer) {
	w.words4(o.Provider, o.Account, o.GPUType, o.Region)
	w.words4(o.Currency, o.Stock, o.Tier, "")
	w.unique(o.ID)
	w.floats(o.GPUCount, o.GPUMemoryGB, o.VCPUs, o.MemoryGB, o.DiskGB)
	w.optional(o.PricePerHour, o.Reliability)
	w.bool(o.Available)
	w.bool(o.Interruptible)
	w.time(o.QuotedAt)
	writeList(w, o.Attrs, (*encoder).attr)
}

func (r *decoder) offer(o *cloud.Offer) {
	var none string
	r.words4(&o.Provider, &o.Account, &o.GPUType, &o.Region)
	r.words4(&o.Currency, &o.Stock, &o.Tier, &none)
	o.ID = r.unique()
	r.floats(&o.GPUCount, &o.GPUMemoryGB, &o.VCPUs, &o.MemoryGB, &o.DiskGB)
	r.optional(&o.PricePerHour, &o.Reliability)
	o.Available = r.bool()
	o.Interruptible = r.bool()
	o.QuotedAt = r.time()
	o.Attrs = readList(r, &r.attrs, (*decoder).attr)
}

func (w *encoder) market(m *cloud.Market) {
	w.words4(m.Provider, m.Account, m.GPUType, m.Currency)
	w.int(int64(m.Total))
	w.int(int64(m.Available))
	w.optional(m.UsagePercent, m.P10, m.P25, m.Median, m.P75, m.P90)
	w.time(m.QuotedAt)
}

func (r *decoder) market(m *cloud.Market) {
	r.words4(&m.Provider, &m.Account, &m.GPUType, &m.Currency)
	m.Total = int(r.int())
	m.Available = int(r.int())
	r.optional(&m.UsagePercent, &m.P10, &m.P25, &m.Median, &m.P75, &m.P90)
	m.QuotedAt = r.time()
}

func (w *encoder) cost(c *cloud.Cost) {
	w.words4(c.Account, c.Region, c.Service, string(c.Kind))
	w.words4(c.Currency, c.Source, "", "")
	w.unique(c.ID)
	w.float(c.Amount)
	w.time(c.From)
	w.time(c.To)
	w.time(c.At)
}

func (r *decoder) cost(c *cloud.Cost) {
	var none string
	r.words4(&c.Account, &c.Region, &c.Service, (*string)(&c.Kind))
	r.words4(&c.Currency, &c.Source, &none, &none)
	c.ID = r.unique()
	c.Amount = r.float()
	c.From, c.To, c.At = r.time(), r.time(), r.time()
}

// The kinds of an attribute's value.
const (
	attrNil = iota
	attrString
	attrBool
	attrInt
	attrInt64
	attrFloat
	attrTime
	attrStrings
)

func (w *encoder) attr(a *cloud.Attr) {
	w.word(a.Name)
	switch v := a.Value.(type) {
	case nil:
		w.int(attrNil)
	case string:
		w.int(attrString)
		w.word(v)
	case bool:
		w.int(attrBool)
		w.bool(v)
	case int:
		w.int(attrInt)
		w.int(int64(v))
	case int64:
		w.int(attrInt64)
		w.int(v)
	case float64:
		w.int(attrFloat)
		w.float(v)
	case time.Time:
		w.int(attrTime)
		w.time(v)
	case []string:
		w.int(attrStrings)
		writeList(w, v, func(w *encoder, s *string) { w.word(*s) })
	default:
		w.err = fmt.Errorf("attribute %s is a %T, which no attribute may be", a.Name, v)
	}
}

func (r *decoder) attr(a *cloud.Attr) {
	a.Name = r.word()
	switch r.int() {
	case attrNil:
	case attrString:
		a.Value = r.box()
	case attrBool:
		a.Value = r.bool()
	case attrInt:
		a.Value = int(r.int())
	case attrInt64:
		a.Value = r.int()
	case attrFloat:
		a.Value = r.float()
	case attrTime:
		a.Value = r.time()
	case attrStrings:
		a.Value = readList(r, nil, func(r *decoder, s *string) { *s = r.word() })
	default:
		r.fail(errCorrupt)
	}
}

// writeMap writes a map in the order of its keys, so that equal entries are equal bytes.
func writeMap[V any](w *encoder, m map[string]V, value func(*encoder, V)) {
	w.len(len(m), m == nil)
	for _, key := range slices.Sorted(maps.Keys(m)) {
		w.unique(key)
		value(w, m[key])
	}
}

func readMap[V any](r *decoder, value func(*decoder, *V)) map[string]V {
	n, isNil := r.lenOrNil(2)
	if isNil {
		return nil
	}
	m := make(map[string]V, n)
	for range n {
		if r.err != nil {
			return nil
		}
		key := r.unique()
		var v V
		value(r, &v)
		m[key] = v
	}
	return m
}

func writeList[T any](w *encoder, list []T, item func(*encoder, *T)) {
	w.len(len(list), list == nil)
	for i := range list {
		item(w, &list[i])
	}
}

// readList reads a list into room from the arena, or of its own where that is nil.
func readList[T any](r *decoder, from *arena[T], item func(*decoder, *T)) []T {
	n, isNil := r.lenOrNil(1)
	if isNil {
		return nil
	}
	var list []T
	if from == nil {
		list = make([]T, n)
	} else {
		list = from.take(n)
	}
	for i := range list {
		if r.err != nil {
			return nil
		}
		item(r, &list[i])
	}
	return list
}
