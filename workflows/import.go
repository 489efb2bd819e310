package workflows

import (
	"context"
	"errors"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"
)

// Names that stand in histories: never change one.
const (
	ImportWorkflow = "Import"
	importPiece    = "ImportPiece"
)

// ImportInput is what an import's workflow starts with.
type ImportInput struct {
	Import string `json:"import"`
}

// Import is the workflow of one import of records: it asks for a piece of it until there is no more. How far it is, the database says.
func Import(ctx workflow.Context, in ImportInput) error {
	for {
		var more bool
		if err := workflow.ExecuteActivity(patiently(ctx), importPiece, in.Import).Get(ctx, &more); err != nil {
			return err
		}
		if !more {
			return nil
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return workflow.NewContinueAsNewError(ctx, Import, in)
		}
	}
}

// ImportID is the id of the workflow of an import. Ids of processes hold no colon, so it is no case's.
func ImportID(id string) string { return "import:" + id }

// StartImport gives an import its workflow, unless one runs. Starting it twice is harmless, also after it has ended.
func StartImport(ctx context.Context, c client.Client, id string) error {
	_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: ImportID(id), TaskQueue: BulkQueue, WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, ImportWorkflow, ImportInput{Import: id})
	if _, runs := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); runs {
		return nil
	}
	return err
}
