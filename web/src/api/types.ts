import type { components } from './schema'

type Schemas = components['schemas']

/** What the API answers with, by the names that people use. */
export type Task = Schemas['TaskBody']
export type Case = Schemas['CaseBody']
export type Entry = Schemas['EntryBody']
export type PreviewStep = Schemas['PreviewStepBody']
export type Record_ = Schemas['RecordBody']
export type Reference = Schemas['ReferenceBody']
export type User = Schemas['UserBody']
export type Session = Schemas['SessionBody']
export type Department = Schemas['DepartmentBody']
export type Acted = Schemas['ActedBody']
export type Act = Schemas['ActBody']
export type Way = Schemas['WayBody']
export type { Box, BoxCount, Choice, Field, Process, RecordType } from './agreed'

/** An amount in minor units of a currency. */
export interface Money {
  amount: number
  currency: string
}

/** A stored file. */
export interface FileRef {
  id: string
  name: string
  size?: number
  sha256?: string
  type?: string
}
