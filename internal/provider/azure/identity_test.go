package azure_test

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/azure"
)

// TestManagedIdentityOfAContainerApp signs in as Container Apps and App Service let one: at an address in the
// environment (learn.microsoft.com: container-apps/managed-identity). The variables are the process's own, which is
// why the test is alone.
func TestManagedIdentityOfAContainerApp(t *testing.T) {
	for _, name := range []string{"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE"} {
		t.Setenv(name, "") // restores it in the end
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
	t.Setenv("IDENTITY_ENDPOINT", "http://localhost:42356/msi/token")
	t.Setenv("IDENTITY_HEADER", "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a")
	refused := problem(http.StatusBadRequest, `{"statusCode":400,"message":"no identity"}`)
	err := managedCheck(t, refused) // first, since the library keeps good tokens for the whole process
	if cloud.KindOf(err) != cloud.KindAuth || !strings.Contains(err.Error(), "ManagedIdentityCredential") {
		t.Errorf("without an identity: got %v, want an error of kind auth that names what was tried", err)
	}
	var resource string
	err = managedCheck(t, func(r *http.Request) (int, string) {
		resource = r.URL.Query().Get("resource")
		return http.StatusOK, `{"access_token":"opaque","expires_on":"1893456000","resource":"x","token_type":"Bearer"}`
	})
	if err != nil || !strings.HasPrefix(resource, "https://management.azure.com") {
		t.Errorf("got %v with a token for %q", err, resource)
	}
}

// managedCheck makes the health check of a connection that is only told to look around.
func managedCheck(t *testing.T, answer func(*http.Request) (int, string)) error {
	t.Helper()
	conn := provider.NewConn(azure.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "environment"},
		Transport: &answers{paths: map[string]func(*http.Request) (int, string){
			"/msi/token": answer, "/subscriptions": body(subscription),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn.HealthCheck(t.Context())
}

// TestAzLogin lets a program named az hand out the token, as the Azure CLI does.
func TestAzLogin(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for az is a shell script")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\necho '{\"accessToken\":\"opaque\",\"expiresOn\":\"2030-01-01 00:00:00.000000\",\"expires_on\":1893456000,\"tokenType\":\"Bearer\"}'\n"
	if err := os.WriteFile(filepath.Join(dir, "az"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	a := &answers{paths: map[string]func(*http.Request) (int, string){"/subscriptions": body(subscription)}}
	conn := provider.NewConn(azure.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "environment", Values: map[string]string{"cli_user": "zoe@contoso.com"}}, Transport: a,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.HealthCheck(t.Context()); err != nil || len(a.asked) != 1 {
		t.Errorf("got %v after %q, want one call with the token of az", err, a.asked)
	}
}
