package cloudflare

import (
	"context"
	"iter"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

func modelID(model loose.Text) string { return "ai/models/" + string(model) }

// models lists the models that the account has used within a week: the catalogue behind GET /ai/models/search is the
// same for everybody and says nothing of an account. The usage is part of the account's one query, so this list costs
// no call where metrics are read as well.
func (d *driver) models(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		now := d.now()
		p, err := d.picture(ctx, q.Scope.Account, "list "+ai, cloud.Window{From: now.Add(-lag - 3*step), To: now})
		if err == nil {
			err = p.failed["aiInferenceAdaptiveGroups"]
		}
		if err != nil {
			yield(cloud.Resource{}, hinted(err, analyticsRead))
			return
		}
		for i := range p.rows["aiUsed"] {
			if !yield(usedModel(q, &p.rows["aiUsed"][i]), nil) {
				return
			}
		}
	}
}

func usedModel(q cloud.Query, r *row) cloud.Resource {
	model := r.of
	res := resource(q, "ai_model", modelID(model), string(model))
	var a provider.Attrs
	if _, rest, ok := strings.Cut(string(model), "/"); ok { // @cf/meta/llama-3.1-8b-instruct
		author, _, _ := strings.Cut(rest, "/")
		a.Add("author", loose.Text(author))
	}
	a.Add("requests_7d_count", r.get("count"))
	a.Add("neurons_7d_count", r.get("totalNeurons"))
	res.Attrs = a
	return res
}
