# Help of the program, its arguments and commands
help-sandyq = A sealed casebook of detentions and trials that works without a network.
help-arg-vault = Folder of the vault (default: .sandyq in your home folder, or SANDYQ_VAULT)
help-arg-casebook = Casebook to work in; needed only when the vault holds several. `own` is the vault's own
help-arg-json = Print data as JSON
help-arg-lang = Language of the texts
help-arg-passphrase_file = Take the passphrase from the first line of this file
help-arg-help = Show this help
help-arg-version = Show the version
help-init = Make a new vault here, or a further casebook in it
help-init-label = Handle of this device instead of a random one; never a real name
help-note = Note detainees quickly, one line each
help-note-incident = Incident that the lines belong to
help-split = Name people who were counted in a group, without counting anybody twice
help-split-group = Code of the group
help-add = Add a record: incident, person, detention, act, trial, hearing, place, official, source, consent, mandate, action, decision, publication, figure, term
help-add-kind = Kind of the record
help-edit = Change a record: JSON from a script, questions for a person
help-edit-id = Code of the record
help-step = Add a dated status to a detention
help-step-id = Code of the detention, or of its person
help-decide = Decide which voice stands where voices disagree
help-decide-id = Code of the record
help-decide-reopen = Take the decision back
help-consent = Record that a person gives or withdraws consent
help-consent-id = Code of the person
help-consent-act = give or withdraw
help-link = Say whether two person records are one human being
help-link-a = Code of a person
help-link-b = Code of the other person
help-link-verdict = same, different or unsure
help-retract = Take an entry of a dated list back; it stays and is shown as taken back
help-retract-id = Code of the record
help-retract-entry = Key of the entry, as shown in square brackets
help-list = List the records of a kind
help-list-kind = Kind of the records
help-show = Show a record
help-show-id = Code of the record
help-show-history = Show who changed what, and when
help-find = Find records by words typed at the prompt or given on standard input
help-conflicts = Show where voices disagree
help-conflicts-decided = Show decided disagreements too
help-attach = Attach a file to a record as evidence
help-attach-id = Code of the record
help-attach-file = File to attach; it stays where it is, unsealed
help-extract = Write an attached file out and check it against its hash
help-extract-id = Code of the evidence
help-extract-file = File to write; it must not exist
help-detach = Mark an attached file as no longer belonging to its record
help-detach-id = Code of the evidence
help-report = Print tables
help-report-rally = Figures of people detained, by incident, with their qualifiers
help-report-rally-from = First day, e.g. 2018-05-10; a month or year will do
help-report-rally-to = Last day
help-report-rally-chain = Only incidents of this chain
help-report-rally-topic = Only incidents with this topic
help-export = Print every record as lines of JSON, readable by anybody
help-export-register = With the secrets of the source register
help-import = Take records in, as lines of JSON
help-import-file = File to take in (default: standard input)
help-check = Examine the vault; exits 20 when something does not fit
help-check-rebuild = Make the lists again from the signed entries first
help-backup = Write a sealed backup into one file
help-backup-file = File to write; it must not exist
help-restore = Make a vault from a backup
help-restore-file = Backup file
help-passphrase = Change the passphrase
help-practice = Rehearse a rally of twelve in a throw-away vault

# Questions
ask-passphrase = Passphrase:
ask-new-passphrase = New passphrase (Enter for six generated words):
ask-passphrase-again = The same passphrase again:
ask-how = One question after the other. Enter skips a question: then nobody asked it. ? shows the choices, a full stop alone ends.
ask-add = { $label }: add? yes, or Enter for no:
ask-required = This one is needed.
ask-not-understood = Not understood. ? shows what can be answered.
ask-hint = Answer in your own words, in Kazakh, Russian or English.
ask-no-such-record = No record of that code or name.
ask-number = Which number?
ask-find = Search for:
ask-reason = Reason:
ask-which-trial = Which trial (code or name)
ask-which-voice = Which voice stands (number)?
ask-which-field = Which field (Enter ends)?
ask-new-value = New value (- takes it away)
word-nothing = nothing
word-kind = kind of record
word-date = date
word-label = handle
word-casebook = name of the casebook
word-group = group
word-draft = the draft
word-status = current status

# Beginning
init-done = The vault is ready. This device is called { $handle }.
init-handle-why = The handle is random on purpose: a real name here would tell whoever opens a colleague's vault who you are.
init-next = Next: `sandyq practice` to rehearse, `sandyq note` for the first entry.
init-casebook-done = The casebook { $name } is founded.
passphrase-how = Twelve characters or more. Nobody can open the vault without it, and nobody can replace it.
passphrase-generated =
    Your passphrase, six words: { $words }
    Write it down where it is safe. Guessing it would take thousands of years.
passphrase-changed = The passphrase is changed. Older backups still open with the old one.
recovery-why = These twelve words open the keys of this casebook when every device is lost. They are shown once. Write them on paper and keep the paper away from the devices. How to use them: docs/formats/words.md.
recovery-ask = Word number { $number }?

# Saving
saved = saved · { $only } { $only ->
    [one] record exists
   *[other] records exist
 } only here
note-how = One line for each person, e.g.: Name / description, f 18-29 journalist dragged bus3 >Medeu -5. Help: ? · end: a full stop.
note-help =
    Everything before the first known word or ; is the name. A / parts the name from a description.
    sex: m f · age: child 14-17 18-29 30-59 60+ or a number · role: journalist, observer, passer-by …
    taken by: police, plain, national guard … · force: pushed dragged cuffed beaten …
    vehicle: bus3 · destination: >Medeu or to Medeu · time: -5, 5 min ago, 14:05
    +5 unknown bus3 counts a group · .. is like the last · undo marks the last line as a mistake
note-saved = saved · { $today } today · { $only } { $only ->
    [one] record exists
   *[other] records exist
 } only here
note-carried = { $value } (carried over)
note-undone = { $code } is marked as a mistake. It stays in the record.
note-nothing-to-undo = There is no line to take back.
note-no-incident = none
note-ask-incident = Incident, code or a new name [{ $known }]:
note-ask-kind = What kind of event (Enter: other)?
note-ask-spot = Where do you stand [{ $known }]?
note-ask-taken-by = Who takes people, if all are the same [{ $known }]?

# Lists
list-contested = CONTESTED: { $voices }
list-disagreements = { $count } { $count ->
    [one] disagreement
   *[other] disagreements
 }
list-reported = reported: { $status }
list-group = group of { $size }
list-clock-runs = clock runs
list-withdrawn = recorded by mistake
find-nothing = Nothing found.
show-head = { $code } · { $kind } · recorded by { $by } at { $at } (claimed)
show-status = current status: { $status }
show-clock-runs = The clock runs.
history-step = { $by } at { $at } (claimed)
secret-sealed = (sealed to the keepers of the source register)
conflicts-none = No voices disagree.
conflict-open = { $code } · { $about }: CONTESTED
conflict-decided = { $code } · { $about }: decided (*)
conflict-voice = { $mark } { $number }. { $value } – { $by } at { $at } [{ $id }]

# Overview
overview-own = own casebook
overview-head = { $book } · { $records } records · { $today } people noted today
overview-only-here = { $only } records exist only here, as far as this device knows
overview-backup = last backup: { $at }
overview-no-backup = no backup yet
overview-running = clocks running: { $count }
overview-contested = contested: { $code } { $name }
next-note = Next: `sandyq note` for the first entry.
next-decide = Next: `sandyq conflicts` shows the voices, `sandyq decide CODE` decides.
next-backup = Next: `sandyq backup FILE` on a stick that is kept elsewhere.
next-nothing = Nothing is waiting.

# Evidence, exchange and care
attach-done = attached · SHA-256 { $sha256 } · the file outside the vault is still there, readable
extract-done = Written and checked against its hash. Whoever finds this file can read it.
detach-done = Marked as detached. The sealed file stays in the vault.
export-plain = What follows is readable by anybody who finds it.
export-done = { $records } records. Left out: { $secrets } secrets of the register, { $files } attached files.
import-done = { $new } new, { $known } already known
import-differs = { $id }: known here with other content; nothing of it was taken. Compare the two and edit by hand.
backup-done = Backup of { $files } sealed files written. It opens with the passphrase of today.
restore-done = { $records } records are back. This device goes on in a new chain.
check-whole = Whole: { $records } records, { $parcels } signed entries, every signature and hash fits.
check-rebuilt = The lists were made again from the signed entries.
check-stale = A list is not what the signed entries say. `sandyq check --rebuild` makes it again; nothing recorded is lost.
notice-keyring-mended = One copy of the keyring was damaged or old and has been made again from the other.
notice-view-mended = The lists were damaged and have been made again from the signed entries. Nothing recorded was lost.
notice-old-keyring = The keyring is older than the vault: somebody put an old copy back. You can read; nothing is saved until the newer keyring is here.
bar-attach = sealing
bar-extract = opening
bar-import = taking in
bar-check = examining
bar-backup = backing up
bar-restore = restoring
practice-how = Type what you see, or press Enter. The people are invented; everything is wiped afterwards.
practice-1 = Aigerim Sample / blue coat, f 18-29 plain dragged bus1 -5
practice-2 = Daniyar Sample, m 30-59 journalist police bus1
practice-3 = / grey beard, brown jacket, m 60+ dragged bus1
practice-4 = Sholpan Sample, f passer-by to Medeu
practice-5 = +3 unknown into bus2
practice-6 = Timur Sample, m 14-17 plain pushed bus2
practice-7 = Marina Sample, f 30-59 observer none seen bus2
practice-8 = / long hair, red scarf, f 18-29 bus2
practice-9 = Oleg Sample, m 30-59 lawyer police bus3 >Almaly
practice-10 = Gulnar Sample, f 60+ pushed bus3
practice-11 = Arman Sample, m 18-29 beaten bus3
practice-12 = / school bag, blue balloon, m child bus3
practice-done = { $people } of 12 noted in { $seconds } seconds.
practice-wiped = The rehearsal is wiped.

# Figures and times
count-exact = { $value }
count-more_than = more than { $value }
count-at_least = at least { $value }
count-about = about { $value }
count-up_to = up to { $value }
count-between = { $value } to { $to }
count-dozens = dozens
count-few_dozen = a few dozen
count-several_dozen = several dozen
count-hundreds = hundreds
count-numerous = numerous
count-unknown = number unknown
when-unknown = time unknown
when-about = about { $when }
when-before = before { $when }
when-after = after { $when }
age-years = { $years } years
age-born = born { $date }
age-seems-minor = seems under 18
age-seems-adult = seems adult
rally-empty = No incidents in this selection.
rally-sum = Sum of { $rows } { $rows ->
    [one] row
   *[other] rows
 }: { $sum }
rally-left-out = Not added:
rally-undated = Without a date, not in the sum:
rally-no-figure = no figure stated
rally-no-city = city not stated
rally-several-cities = several cities, not named
rally-recorded = {"    "}recorded here: at least { $total } ({ $named } named)
rally-reason-no-figure = no figure stated
rally-reason-words = words without a number
rally-reason-several = several figures side by side
rally-reason-overlap = may be the same people as { $other }
rally-reason-qualifier = its qualifier cannot be added to the others

# What is damaged
damage-file = Sealed file { $name }… does not fit its name or signature.
damage-file-of-record = Sealed file { $name }… of record { $record }… does not fit.
damage-missing = Sealed file { $name }… is missing.
damage-keyring = Both copies of the keyring are damaged.
damage-store = The database of the vault is damaged.
damage-view = A list is damaged.
damage-backup = The backup file is damaged or is none.

# Rules of a draft
fault = { $path }: { $rule }
rule-required = is needed
rule-unknown-field = is no field of this kind of record
rule-unknown-term = is no term of the vocabulary { $of }; `sandyq add term` adds one
rule-object = must be an object with fields
rule-set = must be a list of terms, each once
rule-too-many = has too many entries; continue in another record
rule-key = needs a key of letters a-z, digits and hyphens
rule-kind = names no kind of record, or another one
rule-id = needs an id of letters, digits, - . _ /
rule-id-twice = stands twice
rule-circular = points in a circle with other records
rule-voices = is contested; contested values travel by sync, not by import
rule-reference = points to no record here or in the import
rule-reference-kind = points to a record of another kind; it takes { $of }
rule-line = must be one line of at most 2000 characters without control or reordering characters
rule-narrative = must be at most 100000 characters without control or reordering characters; attach longer texts as files
rule-code = must be letters, digits, - . _ / and at most 64 long
rule-term = must be a code from a vocabulary
rule-when = must be a time such as {"{"}"date":"2018-05-10","time":"23:40","offset_min":300{"}"}
rule-count = must be a figure such as {"{"}"op":"more_than","value":"150","unit":"persons"{"}"}
rule-answer = must be an answer such as {"{"}"value":"yes"{"}"}; yes, no, unclear or not_applicable
rule-age = must be an age such as {"{"}"years":34{"}"} or {"{"}"band":"18_29"{"}"}
rule-place = must be a place such as {"{"}"text":"Republic Square"{"}"} or {"{"}"known":"almaty"{"}"}
rule-provision = must be a provision such as {"{"}"instrument":"KZ-CC-2014","article":"174","part":"1"{"}"}
rule-money = must be an amount such as {"{"}"amount":"50000","currency":"KZT"{"}"}
rule-length = must be a term such as {"{"}"years":"1.5"{"}"} or {"{"}"life":true{"}"}
rule-number = must be a whole number
rule-decimal = must be a number as text, such as "1.5"
rule-flag = must be true or false
rule-hash = must be 64 hex digits

# What went wrong, and what to do next
err-vault-absent = There is no vault here.
hint-vault-absent = `sandyq init` makes one; `--vault DIR` names another folder.
err-vault-exists = There is a vault here already.
hint-vault-exists = `sandyq init --casebook NAME` founds a further casebook in it.
err-vault-in-use = The vault is in use by process { $pid }. Nothing was changed.
hint-vault-in-use = End the other program, or wait for it.
err-vault-wrong-passphrase = The passphrase does not open the vault.
hint-vault-wrong-passphrase = Check the keyboard layout and try again. The vault is not damaged.
err-vault-newer = The vault was made by a newer version of this program.
hint-vault-newer = Use the newer program. Nothing was changed.
err-vault-old-keyring = The keyring is older than the vault. Nothing was saved.
hint-vault-old-keyring = Put the newer keyring.age back, or restore a backup.
err-casebook-absent = This vault holds no casebook of that name.
hint-casebook-absent = `sandyq init --casebook NAME` founds one.
err-casebook-which = This vault holds several casebooks.
hint-casebook-which = Say which one with --casebook NAME.
err-casebook-exists = A casebook of that name is here already.
hint-casebook-exists = Give another name.
err-damaged-keyring = TAMPERED or damaged: both copies of the keyring. Nothing was changed.
hint-damaged-keyring = Restore a backup into another folder: `sandyq --vault DIR restore FILE`.
err-damaged-store = TAMPERED or damaged: the database of the vault. Nothing was changed.
hint-damaged-store = Keep a copy of the folder, then restore a backup into another folder.
err-damaged-file = TAMPERED or damaged: a sealed file.
hint-damaged-file = `sandyq check` lists what is damaged. Keep a copy of the folder and restore a backup.
err-damaged-view = A list is damaged.
hint-damaged-view = `sandyq check --rebuild` makes it again; nothing recorded is lost.
err-damaged-backup = TAMPERED or damaged: the backup file. Nothing was restored.
hint-damaged-backup = Use another copy of the backup.
err-damaged-missing = TAMPERED or damaged: a sealed file is missing.
hint-damaged-missing = `sandyq check` lists what is missing. Keep a copy of the folder and restore a backup.
err-record-absent = No record is called { $given }.
hint-record-absent = `sandyq list KIND` and `sandyq find` show the codes.
err-record-ambiguous = { $given } may be several records: { $candidates }
hint-record-ambiguous = Give more of the code.
err-record-wrong-kind = That record is not of the kind needed: { $wanted }.
hint-record-wrong-kind = `sandyq list KIND` and `sandyq find` show the codes.
err-record-too-large = The record is too long for one entry. Nothing was saved.
hint-record-too-large = Split it, or attach the long text as a file.
err-record-damaged = TAMPERED or damaged: the changes of a record do not fit together.
hint-record-damaged = `sandyq check` says which. Keep a copy of the folder and restore a backup.
err-record-full = The record is full and is continued in another; there nothing can be taken away.
hint-record-full = Add a statement that says what no longer holds.
err-disk-full = The disk is full. This entry was NOT saved; everything before it is.
hint-disk-full = Free some space and enter it again.
err-disk-read-only = The disk cannot be written. This entry was NOT saved; everything before it is.
hint-disk-read-only = Check the rights of the folder, or whether the stick is locked.
err-disk-read-only-waiting = The disk cannot be written, and entries wait to be filed. Nothing was changed and nothing is lost.
hint-disk-read-only-waiting = Copy the folder to a disk that can be written and open it there.
err-disk-failed = The disk failed: { $reason }. This entry was NOT saved; everything before it is.
hint-disk-failed = Copy the folder to another disk and run `sandyq check` there.
err-draft-invalid = Not saved: { $count } { $count ->
    [one] fault
   *[other] faults
 }.
hint-draft-invalid = Correct the fields named above. schema/record.schema.json says what each may hold.
err-not-json = Line { $line }, column { $column } is not JSON. Nothing was saved.
hint-not-json = Give one object, an array of objects, or one object a line.
err-not-utf8 = The text is not UTF-8 at byte { $at }. Nothing was saved.
hint-not-utf8 = Save the text as UTF-8 and try again.
err-line-not-utf8 = This line is not UTF-8 at byte { $at }. It was NOT saved; the lines before it are.
hint-line-not-utf8 = Save the text as UTF-8 and enter the rest again.
err-too-long = The input is longer than { $limit } bytes. Nothing was saved.
hint-too-long = Give it in parts.
err-log-changed = Entries of a dated list cannot be changed. Nothing was saved.
hint-log-changed = `sandyq retract CODE ENTRY` takes one back; then add the right one.
err-not-contested = Nothing is contested there.
hint-not-contested = `sandyq conflicts` lists what is.
err-no-voice = There is no such voice.
hint-no-voice = `sandyq conflicts` lists the voices with their ids.
err-nothing-given = Nothing was given, so nothing was saved.
hint-nothing-given = Give a record or a change as JSON on standard input, or answer the questions in a terminal.
err-no-answer = Not all was saved: a needed answer is missing.
hint-no-answer = What was acknowledged is saved; enter the rest again.
err-not-understood = Not understood: { $what }.
hint-not-understood = `--help` shows what can be given.
err-passphrases-differ = The two passphrases differ. Nothing was changed.
hint-passphrases-differ = Try again and type the same one twice.
err-passphrase-short = The passphrase has fewer than twelve characters. Nothing was changed.
hint-passphrase-short = Press Enter at the question for six generated words.
err-words-differ = The word differs from the one shown. No casebook was founded.
hint-words-differ = Try again, and write the words down first.
err-no-terminal = There is no terminal to ask for the passphrase.
hint-no-terminal = Use --passphrase-file.
err-clock-setting = SANDYQ_CLOCK is no moment such as 2026-05-10T18:00:00+05:00.
hint-clock-setting = Correct it, or unset it to take the clock of the device.
err-file-exists = A file of that name is there already. It was not touched.
hint-file-exists = Choose another name.
err-file-unreadable = The file could not be read or written: { $reason }
hint-file-unreadable = Check the name of the file and the rights of its folder.
err-file-size = The file is empty, or larger than 1 GiB.
err-unheard = The answer could not be shown: { $reason }. What was done until then stands; nothing after it was done.
hint-unheard = See whether the program or disk that takes the answers is still there, then go on.
hint-file-size = Attach a file with something in it; part a larger one first.
err-attachment-absent = The file is not in this vault: the record came by an import. Nothing was written.
hint-attachment-absent = Ask whoever attached the file for it; its SHA-256 is in the record.
err-attachment-damaged = TAMPERED or damaged: the attached file does not fit its hash. Nothing was written.
hint-attachment-damaged = `sandyq check` lists what is damaged. Restore a backup.
err-interrupted = Interrupted. The vault is whole.
hint-interrupted = What was acknowledged is saved; enter the rest again.
err-not-whole = The vault is not whole. What is named above does not fit.
hint-not-whole = Keep a copy of the folder, then restore a backup; `sandyq check --rebuild` mends lists.
err-partly = Done in part; the rest is listed above.
hint-partly = Look at each line listed, then do what is left by hand.
