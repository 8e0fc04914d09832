package runpodsim

import (
	"maps"
	"net/http"
)

func listKeys(*http.Request) (any, *problem) {
	return object{"keys": []string{"ssh-ed25519 " + secret + " ada@example.com"}}, nil
}

func (c *cloud) listVolumes(*http.Request) (any, *problem) {
	return object{"networkVolumes": each(c.volumes, (*volume).json)}, nil
}

func (c *cloud) getVolume(r *http.Request) (any, *problem) {
	return find(r, c.volumes, (*volume).key, "network volume", (*volume).json)
}

func (v *volume) key() string { return v.id }

func (v *volume) json() object {
	return object{"id": v.id, "name": v.name, "size": v.sizeGB, "dataCenter": v.dataCenter, "type": v.kind}
}

// template is what containers are made from.
type template struct {
	id, name, image, source string
	serverless              bool
}

func (t template) key() string { return t.id }

// json is the schema Template.
func (t template) json() object {
	m := container(t.image, 50, []string{"8888/http", "22/tcp"})
	maps.Copy(m, object{
		"id": t.id, "name": t.name, "mounts": object{"persistent": object{"size": 20, "path": "/workspace"}},
		"serverless": t.serverless, "public": t.source != "", "category": "NVIDIA", "startSsh": true, "startJupyter": false,
		"allowedCudaVersions": []string{},
	})
	return m
}

// ownTemplates are the account's.
func ownTemplates() []template {
	return []template{
		{id: "9x4m2p7v", name: "PyTorch GPU Template", image: "runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404"},
		{id: "7q2m8x4c", name: "vLLM worker", image: "vllm/vllm-openai:v0.11.0", serverless: true},
	}
}

func (c *cloud) listTemplates(*http.Request) (any, *problem) {
	return object{"templates": each(ownTemplates(), template.json)}, nil
}

func (c *cloud) getTemplate(r *http.Request) (any, *problem) {
	return find(r, ownTemplates(), template.key, "template", template.json)
}

// publicTemplates answers the catalogue of one source, the official one unless another is asked for.
func (c *cloud) publicTemplates(r *http.Request) (any, *problem) {
	q := queryOf(r)
	source := q.one("source", of("official", "verified", "community"))
	if source == "" {
		source = "official"
	}
	shown := []object{}
	for _, t := range []template{
		{id: "30zmvf89kd", name: "PyTorch 2.8", image: "runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404", source: "official"},
		{id: "40abcd89kd", name: "ComfyUI", image: "someone/comfyui:1", source: "verified"},
		{id: "50efgh89kd", name: "A notebook", image: "someone/notebook:1", source: "community"},
	} {
		if t.source == source {
			shown = append(shown, t.json())
		}
	}
	return object{"templates": shown}, q.invalid()
}

func registries() []object { return []object{{"id": "6n2k8v4d", "name": "dockerhub-private"}} }

func listRegistries(*http.Request) (any, *problem) {
	return object{"registries": registries()}, nil
}

func getRegistry(r *http.Request) (any, *problem) {
	return find(r, registries(), func(o object) string { return o["id"].(string) }, "registry", func(o object) object { return o })
}

func listDelegations(*http.Request) (any, *problem) {
	return object{"delegations": []object{}}, nil
}
