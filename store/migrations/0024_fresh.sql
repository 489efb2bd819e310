-- +goose Up
-- The decisions of a running case that can be taken back although they led on: nobody has opened what they led to. json, since it must come back as it was
-- written. Null: there are none. The release before neither writes nor reads it; what it does meanwhile makes what stands here void.
ALTER TABLE cases ADD fresh json;

-- +goose Down
ALTER TABLE cases DROP fresh;
