package azuresim

import (
	"net/http"
	"strings"
)

// about answers what metrics a resource has: metricDefinitions and metricNamespaces (armmonitor). what is lower case.
func (c *cloud) about(id, what string) (any, *problem) {
	it := c.byID[id]
	if it == nil {
		return nil, &problem{http.StatusNotFound, "ResourceNotFound", "The Resource '" + id + "' was not found.", nil}
	}
	if what == "metricnamespaces" {
		return map[string]any{"value": []any{map[string]any{
			"id": it.id + "/providers/microsoft.insights/metricNamespaces/" + it.kind.armType(), "name": it.kind.armType(),
			"type": "Microsoft.Insights/metricNamespaces", "classification": "Platform",
			"properties": map[string]any{"metricNamespaceName": it.kind.armType()},
		}}}, nil
	}
	all := []any{}
	for i := range it.kind.metrics {
		all = append(all, it.definition(&it.kind.metrics[i]))
	}
	return map[string]any{"value": all}, nil
}

func (r *resource) definition(m *metric) any {
	primary := "Average"
	if m.unit == "Bytes" || m.unit == "Count" {
		primary = "Total"
	}
	grains := []any{}
	for _, g := range []string{"PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D"} {
		grains = append(grains, map[string]any{"timeGrain": g, "retention": "P93D"})
	}
	return map[string]any{
		"id": r.id + "/providers/microsoft.insights/metricdefinitions/" + m.name, "resourceId": r.id, "namespace": r.kind.armType(),
		"name": map[string]any{"value": m.name, "localizedValue": m.name}, "displayDescription": m.name, "unit": m.unit,
		"isDimensionRequired": false, "primaryAggregationType": primary, "metricAvailabilities": grains,
		"supportedAggregationTypes": []string{"Average", "Minimum", "Maximum", "Total", "Count"},
	}
}

// splitInsights cuts a path at its last /providers/microsoft.insights/; what follows is empty where there is none.
func splitInsights(path string) (resource, what string) {
	const mark = "providers/microsoft.insights/"
	i := strings.LastIndex(path, mark)
	if i < 0 {
		return path, ""
	}
	return strings.TrimSuffix(path[:i], "/"), path[i+len(mark):]
}
