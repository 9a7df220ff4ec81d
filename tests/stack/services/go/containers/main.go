// Loads a compose file as `docker compose` does, schema and all, and a Dockerfile as `docker build` does. What is wrong ends it with 1.
//
// usage: containers COMPOSE_FILE DOCKERFILE
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: containers COMPOSE_FILE DOCKERFILE"))
	}
	options, err := cli.NewProjectOptions([]string{os.Args[1]}, cli.WithProfiles([]string{"*"}), cli.WithOsEnv)
	fail(err)
	project, err := options.LoadProject(context.Background())
	fail(err)
	fmt.Printf("%d services\n", len(project.Services))

	file, err := os.Open(os.Args[2])
	fail(err)
	parsed, err := parser.Parse(file)
	fail(err)
	for _, warning := range parsed.Warnings {
		fail(fmt.Errorf("%s: %s", os.Args[2], warning.Short))
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	fail(err)
	fmt.Printf("%d stages\n", len(stages))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
