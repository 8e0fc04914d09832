package oracle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

// root is the path of a tenancy's root compartment.
const root = "root"

// compartment is a node of the tree: /compartments (identity 20160918).
type compartment struct {
	ID       string `json:"id"`
	ParentID string `json:"compartmentId"`
	Name     string `json:"name"`
	State    string `json:"lifecycleState"` // CREATING | ACTIVE | INACTIVE | DELETING | DELETED
	path     string // from below the root: "prod/web"
}

// tree is what is known of a tenancy's compartments and regions.
type tree struct {
	account      string // the tenancy's name, its OCID where that may not be read
	tenancy      string // OCID
	compartments []compartment
	regions      []string
	missing      []*cloud.Error // what of it could not be read
	whole        bool           // there is no compartment beside these
}

// newTree gives every compartment its path. A compartment whose parent may not be seen hangs below the root; of two
// with one path the second one's path is its OCID.
func newTree(tenancy string, all []compartment) *tree {
	byID := map[string]*compartment{}
	t := &tree{tenancy: tenancy, compartments: []compartment{{ID: tenancy, Name: root, path: root}}}
	taken := map[string]bool{root: true}
	slices.SortFunc(all, func(a, b compartment) int { return cmp.Compare(a.ID, b.ID) })
	for i := range all {
		byID[all[i].ID] = &all[i]
	}
	for _, c := range all {
		if c.ID == tenancy {
			continue
		}
		c.path = pathOf(c, byID)
		if taken[c.path] {
			c.path = c.ID
		}
		taken[c.path] = true
		t.compartments = append(t.compartments, c)
	}
	slices.SortFunc(t.compartments[1:], func(a, b compartment) int { return cmp.Compare(a.path, b.path) })
	return t
}

func pathOf(c compartment, byID map[string]*compartment) string {
	path := c.Name
	for range 16 { // a tenancy has six levels at most; a circle ends
		parent := byID[c.ParentID]
		if parent == nil || parent.ParentID == "" {
			break
		}
		path, c = parent.Name+"/"+path, *parent
	}
	return path
}

// find returns the compartment of that OCID or path.
func (t *tree) find(wanted string) (compartment, bool) {
	i := slices.IndexFunc(t.compartments, func(c compartment) bool { return c.ID == wanted || c.path == wanted })
	if i < 0 {
		return compartment{}, false
	}
	return t.compartments[i], true
}

// narrow keeps one compartment, and with subtree those below it.
func (t *tree) narrow(wanted string, subtree bool) error {
	c, ok := t.find(wanted)
	if !ok && isOCID(wanted) {
		c, ok = compartment{ID: wanted, path: wanted}, true
		t.compartments = append(t.compartments, c)
	}
	if !ok {
		var paths []string
		for _, c := range t.compartments {
			paths = append(paths, c.path)
		}
		return &cloud.Error{
			Kind: cloud.KindConfig, Op: name, Detail: fmt.Sprintf("options.compartment_id: no compartment %q", wanted),
			Hint: "there are: " + strings.Join(paths, ", "),
		}
	}
	below := map[string]bool{c.ID: true}
	for range t.compartments { // children follow in any order
		before := len(below)
		for _, other := range t.compartments {
			if subtree && below[other.ParentID] || c.ID == t.tenancy && subtree {
				below[other.ID] = true
			}
		}
		if len(below) == before {
			break
		}
	}
	t.compartments = slices.DeleteFunc(t.compartments, func(other compartment) bool { return !below[other.ID] })
	return nil
}

// compartment returns the OCID of the compartment with that path.
func (d *driver) compartment(ctx context.Context, path string) (string, error) {
	t, err := d.currentTree(ctx, false)
	if err != nil {
		return "", err
	}
	c, ok := t.find(path)
	if !ok {
		return "", &cloud.Error{Kind: cloud.KindNotFound, Op: name, Detail: "no compartment " + path}
	}
	return c.ID, nil
}

// currentTree returns the tree: the last one that was read, unless there is none or it shall be fresh.
func (d *driver) currentTree(ctx context.Context, fresh bool) (*tree, error) {
	select {
	case d.treeTurn <- struct{}{}:
		defer func() { <-d.treeTurn }()
	case <-ctx.Done():
		return nil, cloud.Ended(ctx, name, "the compartments")
	}
	if d.tree != nil && !fresh {
		return d.tree, nil
	}
	t, err := d.readTree(ctx)
	if err == nil {
		d.tree = t
	}
	return t, err
}

// tenancyName reads /tenancies/{id}.
func (d *driver) tenancyName(ctx context.Context) (string, error) {
	tenancy, region, err := d.signer.whose(ctx)
	if err != nil {
		return "", err
	}
	var answer struct {
		Name string `json:"name"`
	}
	at := endpoint(identityAPI, region, domainOf(tenancy))
	_, err = d.api.Get(ctx, "read the tenancy", at+"/tenancies/"+url.PathEscape(tenancy), nil, &answer)
	return answer.Name, err
}

// readCompartments reads all compartments that can be seen in one paged call; those below one compartment need a
// call for each of them, for only the tenancy can be asked for its whole subtree. Odd is what is not understood.
func (d *driver) readCompartments(ctx context.Context, tenancy, region string) (all []compartment, odd []*cloud.Error, err error) {
	q := url.Values{
		"compartmentId": {tenancy}, "compartmentIdInSubtree": {"true"}, "accessLevel": {"ACCESSIBLE"},
		"lifecycleState": {"ACTIVE"},
	}
	at := endpoint(identityAPI, region, domainOf(tenancy)) + "/compartments"
	for c, err := range pages(ctx, d, call{op: "list compartments", url: at, query: q}, seen) {
		switch e, _ := errors.AsType[*cloud.Error](err); {
		case err == nil:
			all = append(all, c)
		case e != nil && e.Kind == cloud.KindPartial:
			odd = append(odd, e)
		default:
			return nil, nil, err
		}
	}
	return all, odd, nil
}

// seen returns a compartment that something can be in.
func seen(c *compartment) (compartment, error) {
	switch {
	case c.ID == "":
		return *c, errors.New("it has no id")
	case c.State == "DELETING" || c.State == "DELETED":
		return *c, errGone
	}
	return *c, nil
}

// subscription is an element of /tenancies/{id}/regionSubscriptions.
type subscription struct {
	RegionName string `json:"regionName"`
	Status     string `json:"status"` // READY | IN_PROGRESS
}

// readRegions reads the regions that the tenancy is subscribed to and that are ready, sorted.
func (d *driver) readRegions(ctx context.Context, tenancy, region string) ([]string, error) {
	var answer []subscription
	at := endpoint(identityAPI, region, domainOf(tenancy)) + "/tenancies/" + url.PathEscape(tenancy) + "/regionSubscriptions"
	if _, err := d.api.Get(ctx, "list regions", at, nil, &answer); err != nil {
		return nil, err
	}
	var regions []string
	for _, s := range answer {
		if s.Status == "READY" {
			regions = append(regions, s.RegionName)
		}
	}
	slices.Sort(regions)
	return regions, nil
}
