// No event holds what would have to be forgotten (GDPR-01): a field that could hold any text is an id, a date or a time by
// its name, or is named below with what it holds. Personal data and free text have no class here: they belong in a vault.
import { join, relative } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..', '..');
/** Where to look: the services, or a folder that is named to try this check. */
const tried = process.argv[2];

/** Texts that may lie in an event, by `Event.field`: business words (C1) or words of our own making (C0). */
const BUSINESS = {
  'CommitmentProposed.name': 'C1: what the parties call the commitment',
  'CommitmentAgreed.name': 'C1: what the parties call the commitment',
  'TeamDefined.name': 'C1: what the organisation calls the team',
  'GoalProposed.criteria.criterionId': 'C1: what the parties call a criterion',
  'GoalProposed.milestones.milestoneId': 'C1: what the parties call a milestone',
  'GoalProposed.activities.activityId': 'C1: what the parties call an activity',
  'ActivityDone.activityId': 'C1: what the parties call an activity',
  'ProgressReported.milestoneId': 'C1: what the parties call a milestone',
  'EvidenceSubmitted.sourceId': 'C1: its number in the system that it comes from',
  'EvidenceAccepted.criterionIds': 'C1: what the parties call a criterion',
  'GapFound.competence': 'C1: a competence of the catalogue',
  'GoalProposed.criteria.evidenceKind': 'C0: a code',
  'GoalProposed.activities.kind': 'C0: a code',
  'GoalAgreed.feasibility.rule': 'C0: which rule decided',
  'EvidenceSubmitted.kind': 'C0: a code',
  'EvidenceSubmitted.contentHash': 'C0: a digest of the file that was sent in',
  'EvidenceVoided.reasonCode': 'C0: a code',
  'GoalWithdrawn.reasonCode': 'C0: a code',
  'ChargeReleased.reasonCode': 'C0: a code',
  'TimeRejected.reasonCode': 'C0: a code',
  'PeriodClosed.inboxPosition': 'C0: a place in the log of facts',
  'StatementIssued.sha256': 'C0: the digest of the document',
};

// What people call a criterion or a step is a word of theirs, though its name ends like an id's.
const NAMED_WELL =
  /^(?!(criterion|milestone|activity|source)Ids?$).*(Id|Ids|On|At)$|^(submittedBy|verifiedBy|raisedBy|respondBy|timeZone|currency|on|period|deliveryPeriod|closedBefore)$/;

const files = ts.sys.readDirectory(join(root, tried ?? 'services'), ['.ts'], ['**/*.spec.ts', '**/*.fixtures.ts']);
const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram(files, { ...options, noEmit: true });
const checker = program.getTypeChecker();

/** Paths below a type at which any text fits; words of a list (literal types) do not count, what is not known does. */
const textsIn = (type, path, at, depth = 0) => {
  if (depth > 6) return [path];
  if (type.isUnion()) return [...new Set(type.types.flatMap((each) => textsIn(each, path, at, depth + 1)))];
  if (type.flags & ts.TypeFlags.StringLike) return type.flags & ts.TypeFlags.String ? [path] : [];
  if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return [path];
  const element =
    checker.getIndexTypeOfType(type, ts.IndexKind.Number) ?? checker.getIndexTypeOfType(type, ts.IndexKind.String);
  if (element) return textsIn(element, path, at, depth + 1);
  if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return [];
  return checker
    .getPropertiesOfType(type)
    .flatMap((property) =>
      textsIn(checker.getTypeOfSymbolAtLocation(property, at), `${path}.${property.name}`, at, depth + 1),
    );
};

/** Every `type X = Event<'X', …>` of a file: its name and the type of its data. */
const eventsOf = (file) =>
  file.statements.flatMap((statement) => {
    if (!ts.isTypeAliasDeclaration(statement) || !ts.isTypeReferenceNode(statement.type)) return [];
    if (statement.type.typeName.getText() !== 'Event') return [];
    const data = checker.getTypeAtLocation(statement.type).getProperty('data');
    return [{ name: statement.name.text, at: statement, data: checker.getTypeOfSymbolAtLocation(data, statement) }];
  });

const events = files.flatMap((file) => eventsOf(program.getSourceFile(file)).map((event) => ({ ...event, file })));
const found = events.flatMap(({ name, at, data, file }) =>
  textsIn(data, name, at).map((path) => ({ path, file: relative(root, file) })),
);
const unclassified = found.filter(({ path }) => !NAMED_WELL.test(path.split('.').at(-1)) && !(path in BUSINESS));
const gone = Object.keys(tried ? {} : BUSINESS).filter((path) => !found.some((one) => one.path === path));
for (const { path, file } of unclassified)
  console.error(
    `${file}: ${path} can hold any text. Put it into a vault, or say in deploy/check/event-fields.mjs what it holds.`,
  );
for (const path of gone) console.error(`${path} is classified, but no event has it.`);
console.log(`${events.length} events, ${found.length} texts, ${unclassified.length} unclassified`);
process.exit(unclassified.length + gone.length > 0 || events.length === 0 ? 1 : 0);
