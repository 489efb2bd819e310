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
export type Role = Schemas['RoleBody']
export type Group = Schemas['GroupBody']
export type Acted = Schemas['ActedBody']
export type Act = Schemas['ActBody']
export type Way = Schemas['WayBody']
/** A choice of people that an act, or a start, makes for a later step. */
export type Picks = Schemas['PicksBody']
/** What became of one task of several. */
export type BulkResult = Schemas['BulkItem']
export type BoxCount = Schemas['CountBody']
export type Box = BoxCount['box']
export type Handover = Schemas['HandoverBody']
export type Absence = Schemas['AbsenceBody']
export type Channel = Schemas['ChannelBody']
export type Stuck = Schemas['StuckBody']
export type Migration = Schemas['MigratedBody']
/** An address of another system that hears what happens in cases. */
export type Webhook = Schemas['WebhookBody']
/** One that has just been made, with what its messages are signed with. */
export type NewWebhook = Schemas['NewWebhookBody']
/** A message to a webhook, and what came of it. */
export type Delivery = Schemas['DeliveryBody']
/** A process that the reader may start. */
export type Process = Schemas['ProcessBody']
/** A record type that the reader may see or make records of. */
export type RecordType = Schemas['RecordTypeBody']
/** A record that is much like another one, with whoever has it. Its title is empty where the reader may not see it. */
export type Similar = Schemas['SimilarBody']

/** A choice and what it is called. */
export interface Choice {
  value: string
  title: string
}

/** A field of a form, a record or a task, as the page shows it. Lines have columns, which are fields themselves. */
export interface Field {
  field: string
  title: string
  type: string
  of?: (string | Choice)[]
  access?: 'read' | 'edit'
  required?: boolean
  value?: unknown
  many?: boolean
  long?: boolean
  to?: string
  columns?: Field[]
  accept?: string[]
  at_most?: number
  /** What stands below the input: what to write, and what follows. */
  hint?: string
}

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
