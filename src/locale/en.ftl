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
help-judge = Try changes of other people; started by this program itself
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
recovery-why = These twelve words open the keys of this casebook when every device is lost. They are shown once. Write them on paper and keep the paper away from the devices. `sandyq recover PLACE` takes them, with any stick of this casebook.
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
when-to-quarter-hour = { $when } (to a quarter of an hour)
when-to-hour = { $when } (to the hour)
when-to-part-of-day = { $when } (to the part of the day)
when-to-day = { $when } (to the day)
when-to-month = { $when } (to the month)
when-to-year = { $when } (to the year)
when-to-unknown = { $when } (how exactly is not known)
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
err-casebook-may-not-write = This device may not write into the casebook now: it only reads, was removed, or is suspended. Nothing was saved.
hint-casebook-may-not-write = `--casebook own` records in this vault alone; ask an admin of the casebook.
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
err-file-disk-full = The disk is full. Nothing of the file was left on it.
hint-file-disk-full = Free some space, or choose another disk.
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

# A team, places and what came
help-badge = Show this device's badge: one line for an admin, and the words to read out
help-admit = Let a device into the casebook and write its welcome
help-admit-badge = Badge: the line itself, a file with it, or - for standard input
help-admit-out = File to write the welcome to; only the newcomer can open it
help-admit-role = What the newcomer may do: admin, editor, reader or capture
help-admit-keeper = Also give the key of the source register
help-admit-words = Safety words or digits heard from the newcomer; without them the role is capture
help-join = Join a casebook with a welcome or a team pack
help-join-file = Welcome or team pack
help-recover = Come back into a casebook with its recovery words and any stick of it
help-recover-place = Folder or pack with the casebook's sealed files
help-members = List the members of the casebook
help-verify-member = Compare a member's safety words; an admin then gives a newcomer keys
help-verify-member-member = Handle of the member, or the beginning of the key
help-verify-member-words = Words or digits heard from that person
help-verify-member-role = What the newcomer may do from now on
help-verify-member-keeper = Also give the key of the source register
help-verify-member-out = Also write the keys to this file; they travel with every sync anyway
help-team-pack = Write a file with which newcomers put themselves on the list; it opens nothing
help-team-pack-out = File to write; it must not exist
help-team-pack-people = How many newcomers may use it
help-sync = Exchange with a stick, a folder, a pack or a relay; without a place, with every known one
help-sync-place = Folder (a stick, a synced folder), a file with the ending .pack, or the address of a relay
help-sync-thorough = Read all of the place again, whatever is remembered of it
help-places = List the known places with the last success
help-places-forget = Forget a place; what lies there stays
help-pending = Show what came and does not count yet, what is missing, and forked devices
help-pending-proofs = Write the signed headers that prove a fork into this folder
help-starter = Prepare a stick for a newcomer: program, page and team pack
help-starter-folder = Folder to write to
help-starter-people = How many newcomers may use the team pack
badge-words = Read these words out to the admin, by phone or face to face, never in a message beside the badge:
ask-safety-words = Safety words heard from { $handle } (Enter = not heard):
ask-recovery-words = Recovery words, twelve with blanks between:
admitted = { $handle } is in as { $role }.
admitted-reads = With this welcome the newcomer reads everything in the casebook: { $records } records today.
admitted-unverified = No words were compared, so { $handle } gets no key that opens anything. `sandyq verify-member { $handle }` raises the role later.
admitted-next = Hand the welcome over. These are your words; the newcomer compares them with what the program shows there:
raised-next = The keys travel with the next sync; the newcomer syncs after you.
one-admin = Only one admin: should that device be lost, nobody can let people in or out without the recovery words. Make a second one.
joined = You belong to { $name } as { $role }.
joined-copied = { $records } records from before were copied, with their times and signatures. The originals stay in your own casebook (--casebook own).
joined-casebook-words = Words of this casebook, the same for every member:
joined-compare = NOT YET VERIFIED. Let { $handle } read their own words out and type them: `sandyq verify-member { $handle }`.
joined-by-pack = You have put yourself on the list of { $name }. Until an admin has heard your words you read nothing there and go on recording in your own casebook. Sync a stick, then read these out:
recovered = You are an admin again. { $records } records are back.
role-admin = admin
role-editor = editor
role-reader = reader
role-capture = capture (records only)
member-keeper = keeper of the source register
member-unverified = NOT verified
member-compared = words compared by you
member-doubtful = the invitation was used more often than allowed
member-me = this device
member-last = newest entry { $at }
casebook-words = Words of the casebook:
casebook-unverified = This casebook is NOT verified: compare the words of an admin with `sandyq verify-member`.
verified = The words are those of { $handle }.
team-pack-done = Team pack for { $people } newcomers written. It opens nothing; still, hand it over yourself.
starter-done = The stick is ready. Read the SHA-256 of the program out to the newcomer:
sync-done = { $place }: { $new } new, { $known } already known, { $sent } left there.
sync-detainees = { $count ->
    [one] { $count } detainee
   *[other] { $count } detainees
 }
sync-detainees-at = { $count ->
    [one] { $count } detainee
   *[other] { $count } detainees
 } at { $places }
sync-changed = { $count ->
    [one] { $count } record changed
   *[other] { $count } records changed
 }
sync-receipts = nothing new to read
sync-maybe-known = { $count } may be people you have
sync-contested = { $count ->
    [one] { $count } disagrees with you
   *[other] { $count } disagree with you
 }
sync-not-writable = Nothing could be left there: the place cannot be written.
sync-not-sent = No room there for { $count } files. Keys and the log went first, then the newest; sync again after making room.
sync-broke-off = The connection broke off. { $count } files were not acknowledged and count as NOT sent. Nothing is lost: sync again.
sync-not-taken = The relay took no more. { $count } files were not acknowledged and count as NOT sent. Nothing is lost: sync again in some minutes.
sync-fault = { $part }: { $why } ({ $count })
sync-refused = REFUSED: { $count } of { $author }: { $why }. Keep the stick.
sync-nobody = nobody who signed
sync-new-keys = New keys came for this device. Records from before copied: { $records }.
sync-elsewhere = A welcome to another casebook lies here for this device: `sandyq join FILE`.
sync-unreachable = { $place } cannot be reached. Nothing is lost. Last success: { $last }.
sync-pending = Waiting or set aside: { $aside }, missing: { $missing }, forked devices: { $forks }. `sandyq pending` says why, `sandyq aside` lists what is set aside.
sync-newcomer = { $handle } is not verified. Let that person read their words out: `sandyq verify-member { $handle }`.
sync-other-reason = breaks a rule ({ $code })
bar-sync = exchanging
place-forgotten = The place is forgotten. What lies there stays.
places-none = No place is known yet. `sandyq sync FOLDER` makes one.
place-never = never
place-line = { $place }  last success { $last }
pending-aside = { $author }: { $count }: { $why }
pending-missing = { $count } parcels of { $author } are missing. They may be on another stick.
pending-fork = { $author } wrote two parcels with one number: its store was copied or put back. Both count. Proof: { $one } and { $two }
pending-carried = Carried unread for others: { $bytes } bytes.
pending-nothing = Everything that came counts, and nothing is missing.
overview-not-sent = not on any stick or in any folder yet: { $count } sealed files
overview-place = { $place }: last success { $last }
overview-contested-more = … and { $count } more: `sandyq conflicts`
next-sync = Next: `sandyq sync` when a stick or folder is at hand.
why-ready = to be judged by the next sync
why-waiting-log = wait for news about the members
why-waiting-change = wait for entries before them that have not come
why-waiting-behind = build on entries that do not count
why-aside-twin = a second parcel with one number and nonce; the other one counts
why-aside-cut-off = written outside what counts since the device was removed
why-aside-suspended = the device is suspended
why-aside-forbidden = the role of the device does not allow it
why-aside-let-in-by-nobody = whoever let the device in had no right to
why-aside-by-admin = set aside by an admin
why-stranger = written by a device that was never let in
why-crashed = the judge of changes ended on it; tried again later
why-timed-out = judging took too long; tried again later
why-not-a-sealed-file = no sealed file of a kind that is taken
why-damaged = TAMPERED or damaged: it opens and does not fit
why-wrong-casebook = claims another casebook than the key that opens it
why-parcel-newer = made by a newer version of this program
why-parcel-signature = TAMPERED: the signature does not fit
why-parcel-item = TAMPERED: the content does not fit its hash
why-parcel-framing = TAMPERED or damaged: cut short or lengths do not fit
why-parcel-header = TAMPERED: the header breaks a rule
why-change-does-not-fit = TAMPERED: the change does not fit its header
why-operation-not-by-author = an operation in the name of somebody else
why-operation-of-newer-version = an operation of a newer version of this program
why-pack-truncated = cut short; the complete files before were taken
why-pack-header-damaged = damaged; the files before the damage were taken
why-pack-odd-member = holds things that are no sealed files; passed over
why-pack-after-end = something stands behind its end; not read
why-pack-too-large = holds files over the limit; passed over
why-pack-too-many = holds more files than are read at once
why-pack-not-plain = is a link, folder or device; not opened
why-pack-unreadable = the disk did not give it
why-pack-wrong-bytes = TAMPERED or damaged: bytes do not fit the name
why-relay-list-odd = the relay's list does not fit together; the files on it were taken all the same
why-relay-not-given = the relay lists it and does not give it
sync-not-reading = This device is on the list and does not read the casebook yet: read your words (`sandyq badge`) out to an admin, then sync again.
err-casebook-unread = This device does not read that casebook. Nothing was saved there.
hint-casebook-unread = { $mode ->
    [capture] It only records; colleagues read what it saved. New records can be made with `sandyq note`, `sandyq add` and `sandyq attach`.
    [sealed] It is sealed. `sandyq seal` shows what a colleague needs to open it again; meanwhile `sandyq note`, `sandyq add` and `sandyq attach` go on.
   *[open] Record in your own casebook (without --casebook); it is copied once an admin compared your words.
 }
err-place-unreachable = The place cannot be reached. Nothing is lost.
hint-place-unreachable = For a stick: plug it in or name the folder. For a relay: check the connection, or go through Tor (`--proxy socks5h://127.0.0.1:9050`). Then sync again.
err-place-not-writable = The place cannot be written.
hint-place-not-writable = Use another folder; what lies there can still be taken in.
err-place-full = The place is full.
hint-place-full = Make room or use another stick, then do it again.
err-place-damaged = TAMPERED or damaged: a file there does not fit its name.
hint-place-damaged = Keep the stick as it is and ask its owner for another copy.
err-place-not-listed = A file vanished from the place in the middle.
hint-place-not-listed = Sync again. Nothing is lost.
err-place-exists = A file of that name is there.
hint-place-exists = Give another name; nothing is written over.
err-place-not-plain = That is no plain file.
hint-place-not-plain = Links and devices are not opened. Name a folder or a .pack file.
err-place-too-large = A file there is over the limit.
hint-place-too-large = It is no sealed file of this program.
err-place-source = A file of this vault could not be read.
hint-place-source = `sandyq check` says what is wrong.
err-place-io = The disk of that place failed. What was taken until then is kept.
hint-place-io = Plug the stick in again and repeat.
err-relay-intercepted = INTERCEPTED: somebody else answers for the relay, with a key that is not its own. Nothing was sent.
hint-relay-intercepted = The connection is being read by somebody else. Use a stick, or go through Tor: `--proxy socks5h://127.0.0.1:9050`.
err-relay-captive-portal = Not the relay answers, but the network itself, without encryption. Nothing was sent.
hint-relay-captive-portal = The network probably wants a login first. Open any page in a browser, then sync again; or use another network or a stick.
err-relay-wrong = Something answers at that address that is not the relay. It showed no key. Nothing was sent.
hint-relay-wrong = Compare the address with the one that its operator gave. Where it is right, the network stands in between: use a stick, or go through Tor: `--proxy socks5h://127.0.0.1:9050`.
err-relay-odd-answer = The relay answers something that this program does not understand. What it acknowledged until then is kept there.
hint-relay-odd-answer = Sync again later. Where it stays so, ask the relay's operator which version it runs.
err-relay-no-mailbox = The casebook has no mailbox on that relay yet. Nothing was left there.
hint-relay-no-mailbox = An admin's next sync with that relay makes one.
err-relay-ticket = The relay makes a mailbox only for a ticket. Nothing was left there.
hint-relay-ticket = Ask the relay's operator for a ticket.
err-relay-deleted = The mailbox on that relay was deleted and is never made again.
hint-relay-deleted = Use another relay or a stick. What is here stays here.
err-relay-busy = The relay is too busy or stops for a while. What it acknowledged until then is kept there.
hint-relay-busy = Sync again in some minutes.
err-relay-full = The mailbox on that relay is full.
hint-relay-full = Use a stick for the rest, or ask the relay's operator for more room.
err-relay-refused = The relay refuses the keys of this device.
hint-relay-refused = Sync by a stick with an admin: the keys may have changed. Nothing is lost.
err-relay-address = That is no address of a relay.
hint-relay-address = It has the form https://HOST:PORT#KEY, with 64 digits for the key. `sandyq-relay init` prints it.
err-relay-proxy = Only a proxy that looks names up itself is taken.
hint-relay-proxy = Name it as socks5h://HOST:PORT. Tor's is socks5h://127.0.0.1:9050.
err-place-unknown = That place is not known.
hint-place-unknown = `sandyq places` lists them.
err-places-none = No place is known yet.
hint-places-none = Name one: `sandyq sync FOLDER`.
err-welcome-not-for-you = Nothing in it is for this device.
hint-welcome-not-for-you = Ask for a welcome made for the badge of this device: `sandyq badge`.
err-welcome-does-not-fit = TAMPERED or damaged: what it says does not fit together. Nothing was taken.
hint-welcome-does-not-fit = Keep the file and ask the admin by voice for another.
err-casebook-joined = This device belongs to the casebook already.
hint-casebook-joined = `sandyq sync` brings what is new.
err-welcome-not-a-member = The log in it does not know this device.
hint-welcome-not-a-member = Ask the admin for a new welcome.
err-not-admin = Only an admin may do that. Nothing was changed.
hint-not-admin = `sandyq members` shows who the admins are.
err-safety-words = These are NOT the words of that badge. Nobody was let in.
hint-safety-words = Hear them again, by voice. If they still differ, the badge was swapped on its way.
err-badge-odd = That is no badge.
hint-badge-odd = A badge is one line that begins with sandyqbadge1; copy it whole.
err-member-known = That device is a member already.
hint-member-known = `sandyq verify-member` gives it more rights.
err-member-unknown = No single member is called that.
hint-member-unknown = `sandyq members` lists handles; the first 8 digits of the key will do too.
err-handle-taken = Another member has that handle.
hint-handle-taken = Ask the newcomer to make a vault with another one: `sandyq init --label`.
err-casebook-not-shared = A vault's own casebook is shared with nobody.
hint-casebook-not-shared = `sandyq init --casebook NAME` founds one for a team; `sandyq join` enters one.

# A team, places and what came
err-role-forbids = Your role in this casebook does not allow that. Nothing was saved.
hint-role-forbids = `sandyq members` shows your role; an admin can change it.

# A team, places and what came
err-recovery-words = These are no recovery words: one of the twelve is misspelt or out of order. Nothing was changed.
hint-recovery-words = Read them off the paper again, in their order.

# Who holds what
help-receipts = Show what each other member says they hold of what is here
help-wipe = Say whether anything would be lost with this vault
help-wipe-check = Only check; nothing is wiped
receipts-none = Nobody else belongs to this casebook.
receipts-parcels = { $held } of { $all } entries
receipts-files = { $held } of { $all } attached files whole
receipts-capture = not counted: records only and cannot open them
receipts-suspended = not counted: suspended
receipts-leaving = not counted: has said goodbye
receipts-forked = not counted: several copies of this store speak for it
receipts-silent = not counted: has never said what it holds
age-minutes = { $count } { $count ->
    [one] minute
   *[other] minutes
 } ago
age-hours = { $count } { $count ->
    [one] hour
   *[other] hours
 } ago
age-days = { $count } { $count ->
    [one] day
   *[other] days
 } ago
age-astray = clock astray
wipe-safe = { $records } { $records ->
    [one] record
   *[other] records
 }, all held by { $holders } { $holders ->
    [one] other
   *[other] others
 } ({ $verified } verified), newest { $age }: safe
wipe-held = { $records } { $records ->
    [one] record
   *[other] records
 }, all held by { $holders } { $holders ->
    [one] other
   *[other] others
 } ({ $verified } verified), newest { $age }
wipe-only-here = { $count } { $count ->
    [one] record exists
   *[other] records exist
 } only here
wipe-scattered = { $records } { $records ->
    [one] record is
   *[other] records are
 } held by others, but nobody who counts holds all of them
wipe-unsettled = Entries of others that do not count yet and that nobody else is known to hold: { $count }
wipe-unread = This device cannot read that casebook, so it cannot know what others hold: all of it counts as only here. Ask a colleague who reads it.
wipe-nothing = There are no records here, and nobody to hold any.
wipe-carried = Carried for others, as sealed files that this device cannot open: { $count }.
wipe-forked = A copy of this vault has written too. What only the copy holds is not counted here.
err-not-held-elsewhere = It is NOT known that others hold everything that is here. Nothing was wiped.
hint-not-held-elsewhere = Sync, let the others sync and bring the stick back, sync once more, then check again. `sandyq receipts` shows who lacks what.
# What is set aside, and decisions about it
help-aside = List what is set aside, or read what a record would say with one entry of it
help-aside-id = An entry by the beginning of its name, as the list shows it
help-aside-member = Only the entries of this member
help-adopt = Let entries count that are set aside; an admin's signed decision, with a reason
help-adopt-ids = Entries by the beginning of their names, as `aside` lists them
help-adopt-member = Everything of this member that is set aside
help-adopt-up_to = Everything set aside that the same device wrote up to this entry
help-set-aside = Take entries that count out of the records; an admin's signed decision, with a reason
help-set-aside-ids = Entries by the beginning of their names, as `show ID --history` lists them
aside-none = Nothing is set aside.
aside-line = { $id } · { $author } · no. { $number } · { $at } (claimed) · { $what }
aside-unread = not read
aside-why = { "    " }{ $why }
aside-by = { "    " }by { $by } at { $at } (claimed)
aside-reason = { "    " }reason: { $reason }
aside-builds-on = { "    " }builds on entries that do not count: { $ids }
aside-nothing-new = { "    " }The record would say what it says now.
aside-unreadable = It cannot be read: { $why }.
ask-decision-reason = Why? The reason is signed and everybody in the casebook reads it; no names.
adopt-done = { $count } { $count ->
    [one] entry counts
   *[other] entries count
} now and { $count ->
    [one] stays
   *[other] stay
} marked as adopted.
set-aside-done = { $count } { $count ->
    [one] entry is
   *[other] entries are
} set aside now. Nothing was deleted.
decision-left = { $count } { $count ->
    [one] does
   *[other] do
} not stand as was decided: { $why }
decision-behind = { $count } { $count ->
    [one] further entry builds
   *[other] further entries build
} on that and { $count ->
    [one] stands
   *[other] stand
} as a separate copy.
decision-next = `sandyq sync` carries the decision to the others.
show-adopted = adopted: { $count } { $count ->
    [one] entry
   *[other] entries
} of { $author } by { $by } ({ $reason })
show-copy = SEPARATE COPY of { $code }: it builds on entries that are set aside, counts nowhere and cannot be changed. `sandyq aside` shows them.
show-copies = Separate copies stand beside it: { $codes }
list-copy = SEPARATE COPY of { $code }
copies-left-out = Separate copies left out of it: { $count }. `sandyq aside` shows what they build on.
err-parcel-unknown = No entry is called { $given }.
hint-parcel-unknown = `sandyq aside` and `sandyq show ID --history` show the names; give at least 8 digits.
err-parcel-not-aside = There is nothing to adopt: not set aside, or nothing that an adopt could undo. Nothing was changed.
hint-parcel-not-aside = `sandyq aside` lists what is set aside and why.
err-parcel-not-counted = One of these entries does not count as it is. Nothing was changed.
hint-parcel-not-counted = `sandyq show ID --history` lists entries that count.
err-reason-needed = A reason of 1 to 500 characters is needed. Nothing was changed.
hint-reason-needed = Type it when asked, or give it on standard input.
err-record-copy = That is a separate copy; it cannot be changed. Nothing was saved.
hint-record-copy = Change the record itself, or ask an admin to adopt what the copy builds on: `sandyq aside`.
# Removing, and devices that cannot be read
help-init-capture = Make the vault of a device that only records for others, from a team pack; it reads nothing, also not its own entries
help-dismiss = Take a device out of the casebook, make new keys, and say what it still reads
help-dismiss-member = Handle of the member, or the beginning of the key
help-dismiss-yes = Do not ask for the handle once more
help-suspend = Stop a member for now: what it writes waits until an admin decides
help-suspend-member = Handle of the member, or the beginning of the key
help-lift = End a suspension
help-lift-member = Handle of the member, or the beginning of the key
help-role = Give a member another role; taking reading away makes new keys
help-role-member = Handle of the member, or the beginning of the key
help-role-role = admin, editor, reader or capture
help-role-keeper = Also give the key of the source register
help-role-not_keeper = Take the key of the source register away
help-roll = Make new keys for the present members and seal everything anew
help-retire = Destroy the keys of old epochs in which nothing can be under way; else say whom they wait for
help-retire-give_up = Wait no more for what this member may still have under way in old epochs
help-seal = Seal this device: nothing in it opens what was recorded until a colleague gives keys back
help-seal-on_leaving = From now on seal it whenever `note` at a terminal ends
help-seal-after = From now on seal it so many hours after it was opened
help-seal-never = Seal it by hand alone
help-reopen = Write keys for a colleague whose device is sealed
help-reopen-badge = Badge of the sealed device: the line itself, a file with it, or - for standard input
help-reopen-words = Safety words or digits heard from that person
help-reopen-out = File to write; only that device can open it
help-unseal = Open this device again with the file that a colleague wrote
help-unseal-file = File written by `sandyq reopen`
init-capture-done = This device records for { $name } and reads nothing, also not what it saved, also not with its passphrase. Sync a stick, and read these words out to the admin:
note-not-here = This device cannot change what it saved. Tell a colleague who reads: { $code } is a mistake.
sealed = This device is SEALED. It goes on recording (`sandyq note`) and opens nothing, also not with its passphrase.
sealed-next = Give this line to a colleague who reads the casebook (`sandyq reopen`) and read these words out by voice. The file you get back: `sandyq unseal FILE`.
sealed-by-itself = The hours are over: this device has SEALED itself. It goes on recording. `sandyq seal` shows what a colleague needs to open it again.
sealed-on-leaving = This device has SEALED itself. `sandyq seal` shows what a colleague needs to open it again.
seal-set-leaving = From now on this device seals itself when `sandyq note` at a terminal ends.
seal-set-hours = { $hours ->
    [one] This device seals itself { $hours } hour from now, and as long after each opening by a colleague.
   *[other] This device seals itself { $hours } hours from now, and as long after each opening by a colleague.
 } It looks at every line of `sandyq note` and at every command.
seal-set-never = This device is sealed by hand alone: `sandyq seal`.
reopened = Keys for { $handle } are written. Hand the file over; on the sealed device: `sandyq unseal FILE`.
unsealed = This device is open again; everything it held is back. `sandyq sync` brings what is new.
overview-blind = { $book } · { $mode ->
    [capture] CAPTURE: this device records and reads nothing
   *[sealed] SEALED: this device records; a colleague can open it again
 }
overview-blind-made = { $today } people noted today · records made on this device: { $made }
roll-due = New keys are due: somebody holds present ones who has the right to them no more. An admin runs `sandyq roll`.
bar-roll = sealing anew
dismiss-ask = This cannot be taken back. Type the handle { $handle } once more:
dismissed = { $handle } is out of the casebook. { $counts ->
    [one] { $counts } entry
   *[other] { $counts } entries
 } of that device count; anything else it writes waits set aside.
dismissed-next = Next: compare with colleagues what { $handle } knew by name and place, change passphrases that { $handle } may know, and tell the lawyers.
lowered-never-read = The device of { $handle } never could read anything here.
lowered-reads = The device of { $handle } still reads everything recorded until now, in every copy it has: { $records } { $records ->
    [one] record
   *[other] records
 }, attached files among them: { $files }.
lowered-reads-unknown = The device of { $handle } still reads everything recorded until now, in every copy it has.
lowered-reads-register = The device of { $handle } also reads the source register until now: who told you, and how to reach relatives.
lowered-new-keys = What comes is sealed with new keys (epoch { $number }) that this device never gets. Entries moved on to them: { $parcels }.
lowered-sync = Sync now, with every stick and folder: the news goes first.
lowered-no-admin = NOBODY is left who can let people in and out. The recovery words make a new admin: `sandyq recover PLACE` on a new device.
suspended = { $handle } is suspended: what that device writes from here on waits until an admin decides (`sandyq lift`, `sandyq dismiss`). It STILL READS everything, also what comes.
lifted = { $handle } is suspended no more.
role-changed = { $handle } is { $role } from now on.
rolled = New keys, epoch { $number }, for { $readers } who read: { $files } keys files, { $bytes } bytes. Entries moved on to them: { $parcels }.
given-up = What { $handle } may still have under way in old epochs is given up: nobody waits for it.
retired = The key of epoch { $number } is destroyed.
retire-waits = epoch { $number } waits for: { $waits }
retire-holds = epoch { $number } still holds entries here: { $parcels }
retire-nothing = No key of an old epoch is here.
retire-why = Until all of these have synced, entries sealed with an old key may be under way, and the key stays. Sync; for a device that is gone for ever: `sandyq retire --give-up MEMBER`.
member-suspended = SUSPENDED
sync-removed = { $by } took this device out of the casebook on { $at } (claimed). This device saves nothing there any more. `--casebook own` records in this vault alone.
sync-suspended = { $by } suspended this device on { $at } (claimed). Until an admin decides it saves nothing there; `--casebook own` records in this vault alone.
sync-resealed = Entries moved on to new keys: { $count }. They go to each place once more.
sync-old-keys = Keys of older epochs are still here: { $count }. `sandyq retire` says whom they wait for.
err-last-admin = This is the only admin: nobody could let people in and out any more. Nothing was changed.
hint-last-admin = Make another member admin first: `sandyq role MEMBER admin`.
err-words-first = Nobody has compared the words of that member. Nothing was changed.
hint-words-first = Let that person read their words out: `sandyq verify-member MEMBER`.
err-casebook-nobody-opens = Nobody else could open this device again. It was NOT sealed.
hint-casebook-nobody-opens = Sealing needs a colleague who reads the casebook, and new keys where they are due (`sandyq roll`).
err-device-not-sealed = This device is not sealed.
hint-device-not-sealed = Nothing is to be done. `sandyq` alone shows its state.
err-not-confirmed = That is not the handle asked for. Nothing was changed.
hint-not-confirmed = Type the handle as shown, or give --yes.

# A casebook that follows another one
help-init-succeeds = The casebook here that the new one follows, when all of its admins are lost
init-succeeds = It follows { $older }, which stays as it is and can be read. Let the others in one by one with `sandyq admit`; each compares words and decides alone.
joined-follows = It says that it follows { $older }. Believe that only after the words below were compared; { $older } stays here and can be read. New entries go to { $name }.

# Relays
help-announce = Announce a relay to every member, or say that it is used no more
help-announce-address = What the operator's `sandyq-relay init` prints: https://HOST:PORT#KEY
help-announce-gone = It is used no more
help-announce-tickets = File with the operator's tickets, one a line
help-sync-proxy = Meet every relay through this proxy from now on, for example Tor: socks5h://127.0.0.1:9050
help-sync-no_proxy = Meet relays without a proxy from now on
help-sync-words = Words of the named relay's key that an admin read out to you
help-places-accept = Words of a relay's key that an admin read out to you
relay-announced = { $place } is announced. Members who sync elsewhere learn of it; each compares these words once:
relay-gone = { $place } is used no more. Members learn of it with the next sync.
relay-accepted = The key of { $place } is compared. `sandyq sync` meets it from now on.
relay-compare = { $place } has a key that nobody compared on this device. Let an admin read out the words; they must be these:
relay-ask-same = Are they the same? yes, or Enter for no:
relay-proxy = Relays are met through { $proxy } from now on.
relay-no-proxy = Relays are met without a proxy from now on: they and the network see this connection's address.
relay-frozen = { $count ->
    [one] One older mailbox now shows the way to the new keys.
   *[other] { $count } older mailboxes now show the way to the new keys.
}
relay-not-frozen = The relay makes older mailboxes only for tickets: { $count } missing. Whoever missed the last new keys finds no way to them on this relay. Give tickets of its operator: `sandyq announce ADDRESS --tickets FILE`.
relay-captive = { $place }: something in this network answers in its place, such as the sign-in page of a café. Nothing was sent. Sign in there, or use another network or a stick.
relay-intercepted = INTERCEPTED: whoever answers for { $place } has another key. Nothing was sent. Use a stick, another network, or Tor: `sandyq sync --proxy socks5h://127.0.0.1:9050`.
relay-account = The connection to { $place } was answered with another certificate.
relay-ask-why = What was shown is kept as evidence. Two questions about it locate this device: Enter leaves them open.
relay-ask-place = In which city or place?
relay-ask-provider = Through which provider or network?
relay-kept = Kept as evidence: { $id }
err-relay-not-compared = Nobody compared that relay's key on this device. Nothing was sent.
hint-relay-not-compared = When an admin reads out the same words: `sandyq sync ADDRESS --words "WORDS"`, or for one that is announced `sandyq places --accept "WORDS"`.
err-relay-no-keys = The present keys of this casebook have no mailbox.
hint-relay-no-keys = An admin makes new keys with `sandyq roll`; sync after that, with a stick if need be.
help-sync-lan = Meet in one room: without a code this laptop opens the room, with one it goes there
room-open = The room is open to every member in this network. The others type that line in.
room-ask-done = Enter when everybody has met:
room-closed = The room is closed.
room-unreachable = Nobody answers for { $code }. Nothing is lost. Are both in one network, and is the room still open?
err-room-other-keys = That room has other keys than this device.
hint-room-other-keys = Check the code. If it is right, one of you knows newer keys than the other: meet with a stick first.
err-relay-words = These are NOT the words of that relay's key. Nothing was sent.
hint-relay-words = Hear them again, by voice. If they still differ, somebody changed the address on its way: get the line from the operator anew.
relay-deleted-old = { $count ->
    [one] One mailbox whose keys are no longer used was deleted there.
   *[other] { $count } mailboxes whose keys are no longer used were deleted there.
}

# What is handed to a lawyer
help-bundle-verify = Check a bundle: that it is as it was signed, and by whom. Needs no vault
help-bundle-open = Check a bundle and write its files into a new folder. Needs no vault
help-bundle-verify-file = The file NAME.zip.age
help-bundle-open-file = The file NAME.zip.age
help-bundle-verify-identity = Private key: an age identity file, or an OpenSSH key
help-bundle-open-identity = Private key: an age identity file, or an OpenSSH key
help-bundle-verify-words_file = Take the words of the bundle from the first line of this file
help-bundle-open-words_file = Take the words of the bundle from the first line of this file
help-bundle-verify-signer = The signer as you were told: the fingerprint SHA256:… or the words
help-bundle-open-signer = The signer as you were told: the fingerprint SHA256:… or the words
help-bundle-verify-plugins = Let the plugins that the key file names run
help-bundle-open-plugins = Let the plugins that the key file names run
help-bundle-open-to = Folder to write; it must be new or empty
ask-bundle-words = Words of the bundle:
ask-key-passphrase = Passphrase of the key file:
bar-bundle = reading
word-signer = the signer: a fingerprint SHA256:…, six words, or twenty digits
bundle-whole = { $files ->
    [one] The one file is as it was signed. Records: { $records }.
   *[other] All { $files } files are as they were signed. Records: { $records }.
}
bundle-signer-same = The signer is the one you named: { $fingerprint }.
bundle-signer-not-compared = Signer not yet compared: { $fingerprint }. Whoever could replace the whole bundle could have signed it: compare with what you were told by another way, and give it with --signer.
bundle-signer-words = The same as words: { $words } ({ $digits })
bundle-opened = The files are written. They are no longer sealed: whoever gets at this disk can read them.
bundle-more = And { $count } more.
bundle-wrong-whole = The bundle: { $what }
bundle-wrong-at = { $place }: { $what }
bundle-wrong-in = { $place } ({ $detail }): { $what }
wrong-changed = a sealed piece was changed or is damaged here; nothing behind it was read.
wrong-not-zip = there is no zip in it, or its end is missing.
wrong-gap = there are bytes that belong to no file.
wrong-headers = what the zip says of it in two places differs, or says more than a bundle does.
wrong-zip64 = a number stands where only larger ones do.
wrong-comment = it carries a remark, which no bundle has.
wrong-too-many = it holds more than 10,000 files.
wrong-name-twice = the name is there twice, also when only capital letters tell them apart.
wrong-name-long = the name is too long.
wrong-name-absolute = the name leads to a place outside the folder.
wrong-name-parent = the name leads upwards, or has an empty part.
wrong-name-letters = the name has letters that no bundle uses.
wrong-not-plain = it is a folder, a link or something else that is no plain file.
wrong-encrypted = it is encrypted once more, which no bundle is.
wrong-method = it is packed in a way that no bundle uses.
wrong-too-large = it opens to more than a bundle may hold.
wrong-size = it does not open to the number of bytes that the zip says.
wrong-content = it does not unpack to the bytes that the zip says.
wrong-not-listed = it is in the bundle, but not in the signed list.
wrong-not-there = it is missing.
wrong-order = the files are not in the order of the signed list.
wrong-hash = it is not the file that was signed.
wrong-manifest-form = the list is not written as a bundle's list is.
wrong-signature-form = the signature is not written in the one way in which it is made.
wrong-signature-namespace = the signature was made for another purpose.
wrong-signature-hash = the signature uses another hash.
wrong-signature = the signature is not one over this list.
wrong-signers-form = the line that names the signer is not written as a bundle's is.
wrong-several-signers = it names another key than the one that signed.
wrong-other-signer = the signer is not the one you compared. Somebody else signed this.
wrong-records-form = the records cannot be read.
wrong-record = the record breaks a rule of its kind.
err-bundle-no-key = It does not open: the words or the key are not those it was sealed to, or the beginning of the file was changed.
hint-bundle-no-key = Type the words again as you were given them. If they are right, ask for the file once more.
err-bundle-damaged = The file is cut, changed, or no sealed bundle. Nothing of it can be relied on.
hint-bundle-damaged = Ask for the file once more, by another way.
err-bundle-work = The file asks for more work than any bundle does. Nothing was opened.
hint-bundle-work = It is not from this program. Ask its sender.
err-bundle-key-needed = This file opens with a private key, not with words.
hint-bundle-key-needed = Give the key with --identity, or ask for a file with words.
err-bundle-key-odd = The key file holds no key of a kind that can be used here.
hint-bundle-key-odd = Give an age identity file, or an OpenSSH key of the kind ssh-ed25519 or ssh-rsa.
err-bundle-key-plugin = The key file names a plugin, which is another program. It was not started.
hint-bundle-key-plugin = If you trust it, add --plugins.
err-bundle-key-no-plugin = The plugin that the key file names is not installed.
hint-bundle-key-no-plugin = Install it, or use another key.
err-bundle-key-locked = The passphrase of the key file is missing or wrong.
hint-bundle-key-locked = Try again.
err-bundle-wrong = { $count ->
    [one] NOT as it was signed: one thing differs.
   *[other] NOT as it was signed: { $count } things differ.
}
hint-bundle-wrong = Do not rely on it. Keep the file as it is, and ask its sender by another way for a new one.
err-bundle-no-recipient = The bundle could not be sealed to the keys given.
hint-bundle-no-recipient = Give at least one key, or words; a plugin has to be installed.
err-bundle-member = The file { $name } would be refused by every reader. Nothing was written.
hint-bundle-member = Leave it out, or hand it over by another way.
err-bundle-folder = There is a file in that place, or the folder is not empty. Nothing was written.
hint-bundle-folder = Name a new folder.

# The dossier and the tables of a bundle
dossier-title = Case file
dossier-skip = To the content
dossier-bundle = Bundle
dossier-profile = Made for
dossier-made = As of (newest change)
dossier-opening = What people told and recorded, each with who says so. What was not recorded is said to be so; it is no “no”. Every fact leads to its record below.
dossier-contents = Contents
dossier-details = In detail
dossier-documents = Documents
dossier-custody = Chain of custody
dossier-withheld = What was left out
dossier-records = Every record, field by field
dossier-records-how = The facts above rest on these records. The same stands in records.json for programs.
dossier-proof = How to check this
dossier-proof-how = VERIFY.txt in this folder gives the commands: no file was changed, and whose key signed the list.
dossier-proof-limit = This page proves nothing by itself, and no line in it can say who signed: step 4 of VERIFY.txt prints that, and OPEN.html shows it. Compare it with what you were told by another way. A saved copy is readable to anybody who finds it.
dossier-foot = Bundle { $id }
dossier-contested-mark = contested
dossier-contested-values = contested: { $values }
dossier-code = Code
dossier-where-now = Where the person is now
dossier-no-detention = No detention in this bundle.
dossier-unstated = Nobody has stated where the person stands.
dossier-ground = At liberty or held by this statement
dossier-only-reported = The release is only reported: neither the person, a lawyer, a paper nor two independent sources confirm it.
dossier-decided-between = Sources disagreed; somebody decided that this statement stands.
dossier-contested-status = Sources disagree about liberty. Nobody decided.
dossier-time = When the person was taken, by whose word
dossier-time-unrecorded = The time of being taken is not recorded.
dossier-judge-unrecorded = When a judge was reached is not recorded, or cannot be set against the time of being taken.
dossier-one-zone = An offset from UTC is not recorded with every time: clocks are compared as if all showed one zone.
dossier-unlike-offsets = Recorded offsets from UTC differ, and a time without one is among them: from that time nothing is computed.
dossier-width-about = “About” is taken as 15 minutes either way.
dossier-width-quarter-hour = A time known to a quarter of an hour is taken as any of the 15 minutes that begin with it.
dossier-width-hour = A time known to the hour is taken as any of the 60 minutes that begin with it.
dossier-width-part-of-day = Parts of a day are taken as: night from 00:00 of that date to 05:59 of the next; morning 05:00–11:59; daytime 10:00–17:59; evening 17:00–23:59.
dossier-width-date = A date without a time is taken whole, from its first minute to its last.
dossier-unbounded = How far a date marked as uncertain, or an “about” without a time, lies from what is written cannot be told: nothing is computed from it.
dossier-first-hearing = first hearing recorded
dossier-judge-answered = R40, brought before a judge
dossier-judge-by = { $what }, { $when }, by “{ $by }”
dossier-judge-unsaid = { $what }, { $when }; { $by }
dossier-statements = { $count } statements
dossier-teller-unrecorded = who tells it is not recorded
dossier-recorded = recorded by observer { $number }, { $at }
dossier-no-offset = offset not recorded
dossier-minutes = { $count } min
dossier-hours = { $hours } h
dossier-hours-minutes = { $hours } h { $minutes } min
dossier-years = years: { $number }
dossier-months = months: { $number }
dossier-days = days: { $number }
dossier-life = for life
dossier-at-least = at least { $length }
dossier-at-most = at most { $length }
dossier-cannot-be-told = length cannot be told
dossier-same = No difference: { $to }, { $from }.
dossier-later = Difference { $gap }: “{ $to }” later than “{ $from }”.
dossier-earlier = Difference { $gap }: “{ $to }” earlier than “{ $from }”.
dossier-not-earlier = “{ $to }” is not earlier than “{ $from }”; how much later cannot be told.
dossier-not-later = “{ $to }” is not later than “{ $from }”; how much earlier cannot be told.
dossier-either = The times may agree: “{ $to }” lies between { $earlier } before and { $later } after “{ $from }”.
dossier-open = The difference between “{ $to }” and “{ $from }” cannot be told.
dossier-to-judge = From being taken to a judge ({ $judge }): { $gaps }
dossier-length-by = by “{ $by }” { $gap }
dossier-length-before = by “{ $by }” { $gap } before being taken
dossier-next = Dates ahead, as of { $made }
dossier-no-next = No date ahead is recorded.
dossier-refused = Rights answered “no”, and what must not happen answered “yes”
dossier-none-refused = No such answer is recorded. What was not asked stands below.
dossier-contested = Contested facts
dossier-none-contested = No value in these records is contested.
dossier-decided = Contested and decided; every voice is kept
dossier-stands = stands by decision
dossier-timeline = Everything dated
dossier-timeline-caption = In the order of the clock on the wall, as written
dossier-col-when = When
dossier-col-clock = By which clock
dossier-col-what = What
dossier-col-source = Record and observer
dossier-col-right = Item
dossier-col-item = Question
dossier-col-answer = Answer
dossier-col-file = File
dossier-col-why = What and why
dossier-col-count = Count
dossier-none-here = Nothing in this bundle.
dossier-not-recorded = not recorded
dossier-rights = Rights at the detention
dossier-rights-caption = Checklist with every answer
dossier-not-asked = Not asked, which is no “no”: { $items }
dossier-charges = Charges
dossier-hearings = Hearings
dossier-matrix = Answers of each observer; “—” means not asked
dossier-outcomes = What was decided
dossier-acts = Acts and injuries
dossier-property = Things taken
dossier-mandate = Mandate
dossier-mandates = Powers of attorney
dossier-consent = Consent
dossier-documents-caption = Files of this bundle, by their hash
dossier-no-file = file not in this bundle
dossier-custody-caption = Every recorded step of each file
dossier-withheld-how = Counts of values left out, never their contents.
dossier-none-withheld = Nothing was left out.
dossier-withdrawn = Recorded by mistake, as its author says; counted nowhere above.
table-id = record
table-entry = entry
table-observer = observer
table-recorded = recorded at
table-withdrawn = recorded by mistake
table-member = file in the bundle
table-item = item
table-basis = how it is known
table-note = note
table-path = place in the record
table-field = field
table-value = value
table-decided = decided
dossier-unread = This record is of a form that is not summed up above; its fields follow.

help-bundle = Make, check and open what is handed to a lawyer, a partner or an archive, and take in their answers
help-bundle-create = Show what a recipient will see, then seal it and note it in the ledger. From standard input: {"{"}"recipient", "reason", "paper_due"{"}"}
help-bundle-create-about = Codes of people, of one incident, or of any records; none for the whole casebook
help-bundle-create-to = New file, e.g. NAME.zip.age
help-bundle-create-profile = Who gets it: lawyer, partner, press, statistics, or migration (everything)
help-bundle-create-recipient = Public key of the recipient: age1… or a line of ssh-ed25519 or ssh-rsa
help-bundle-create-recipients_file = File with public keys, one a line
help-bundle-create-words = Make a file that opens with words as well; without keys this is so anyway
help-bundle-create-plugins = Allow keys that need an age plugin
help-bundle-create-also = A file about several people that you looked at and want in
help-bundle-create-bundle_lang = Language of what people read in it
help-bundle-create-with_metadata = Let files go that tell where and with what they were made
help-bundle-create-preview = Only show what would go and what not
help-bundle-create-yes = Seal without asking
help-bundle-receipt = Show the answer to a bundle and take it in
help-bundle-receipt-file = File NAME.answer.age
help-bundle-receipt-yes = Take it in without asking
help-bundle-reader = Write OPEN.html, the page that opens a bundle with words in any browser, offline; give it once, with its hash on paper
help-bundle-reader-file = New file, e.g. OPEN.html
yes-words = yes y да д иә и
bundle-no-paper = No power of attorney is recorded. The bundle can be made all the same: say on what ground you were asked, and until when the paper is due.
ask-bundle-reason = Reason (e.g. oral, 23:10, by the mother):
ask-bundle-due = Paper due by (YYYY-MM-DD):
ask-again-date = A day is written like 2026-05-13.
ask-bundle-recipient = Who gets it (for the ledger; Enter leaves it open):
ask-bundle-seal = Seal it? (yes)
preview-head = What the recipient will see ({ $profile }):
preview-person = { $own }: goes as { $code }, { $names }; ground: { $basis }
preview-person-out = { $own }: stays out; { $basis }
preview-no-name = without a name
basis-consent = consent: { $purpose }
basis-mandate = power of attorney { $code }
basis-vital = vital interest, nothing was asked yet
basis-oral = { $reason }; paper due { $due }
basis-none = no ground
preview-records = {"  "}{ $kind }: { $number } ({ $fields })
preview-file = {"  "}file of { $code }, { $size } bytes{ $what }
preview-file-tells = {"  "}file of { $code }, { $size } bytes{ $what } – may tell where, when and with what it was made
preview-same = { $code } is said to be the same person, and stays out. To hand both over, name both.
preview-second = The large files go in a second bundle, { $file }, sealed together with this one. What the recipient will see in it:
bundle-left = An earlier run was cut off and left { $file }. Nothing in it is whole: delete it, unless that run is still at work.
preview-nothing-withheld = Nothing is withheld.
preview-withheld = What stays out or goes in another form:
preview-records-out = {"  "}{ $number } records: { $reason }
preview-values-out = {"  "}{ $number } values: { $reason }
preview-changed = {"  "}{ $number } values: { $change }
withheld-not-here = a file that has not come to this device whole
withheld-metadata = a file that tells about its making
withheld-other-bundle = a file that goes in the other one of two bundles
bundle-made-keys = Sealed to the keys: { $file } (SHA-256 { $sha256 })
bundle-made-words = Sealed under words: { $file } (SHA-256 { $sha256 })
bundle-words = The words, shown this once; tell them by another way than the file: { $words }
bundle-made-signer = Signed by { $fingerprint } – read out or write down once: { $words }
bundle-noted = Noted in the ledger as { $code }.
ask-answer-take = Take it in? (yes)
answer-head = Answer to { $code }, given to { $recipient }: { $kind }, written { $written } by its own word
answer-nobody = nobody noted
answer-file = {"  "}{ $name }, { $size } bytes, SHA-256 { $sha256 }
answer-proves = What this proves: somebody who opened that bundle wrote it. Not who, and not when.
answer-known = 0 new: this answer is here already.
answer-taken = Taken in: { $number } new pieces of evidence.
reader-written = OPEN.html is written. On the paper for the lawyer: SHA-256 { $sha256 }
consent-tell = These recipients hold a bundle about this person and must be told:
consent-tell-one = {"  "}{ $code }: { $recipient }, { $profile }, { $at }
err-handover-unclassed = A field that no table knows is in a record: nobody can say who may read it. Nothing was handed over.
hint-handover-unclassed = Update the program: a newer one wrote that record.
err-handover-reason-needed = No power of attorney stands. A reason and the day until which the paper is due are needed.
hint-handover-reason-needed = Give both on standard input: {"{"}"reason": "oral, 23:10, by the mother", "paper_due": "2026-05-13"{"}"}
err-handover-not-allowed = Nobody of those concerned allowed this. Nothing was handed over.
hint-handover-not-allowed = Ask for consent and record it: sandyq consent CODE give
err-handover-nothing = Nothing of this may go to that recipient.
hint-handover-nothing = See what is withheld and why with --preview under another profile.
err-answer-unknown = The file answers no bundle that was handed over from this casebook, or its head was changed.
hint-answer-unknown = Choose the casebook with --casebook, or ask for the file again.
err-answer-strange = The file is sealed for this casebook, but it was not written by somebody who opened that bundle.
hint-answer-strange = Nothing was taken in. Ask the recipient by another way.
err-answer-damaged = The answer was cut or changed on its way.
hint-answer-damaged = Nothing was taken in. Ask for the file again.

withheld-no-consent = no consent for this purpose
withheld-no-mandate = waits for a power of attorney
withheld-torture-allegation = an allegation of torture goes only where the person said so
withheld-restricted = restricted
withheld-other-people = about other people
withheld-names = names
withheld-free-text = free text
withheld-monitors = who observed, wrote or kept it
withheld-source-register = who said it
withheld-internal-care = the team's own notes
withheld-keys = keys of files
withheld-files = files
withheld-shared-file = a file about several people
withheld-not-in-bundle = points to what is not given
withheld-too-exact = too exact
withheld-small-group = fewer than three people share it
withheld-incomplete = cannot stand without something withheld
withheld-not-needed = nothing given points to it
withheld-withdrawn = recorded by mistake
withheld-separate-copy = a separate copy
withheld-detached = the file was detached
changed-coarsened = less exact
changed-renamed = names of others replaced
changed-shortened = a part taken out
changed-numbered = a number for a name
basis-missing = no reason told yet
preview-register-shut = { $number ->
    [one] ATTENTION: one entry of the source register does not open on this device. The source that it names is not looked for in texts: read each text below, or make the bundle on a keeper's device.
   *[other] ATTENTION: { $number } entries of the source register do not open on this device. The sources that they name are not looked for in texts: read each text below, or make the bundle on a keeper's device.
}
preview-nobodys = what is about nobody in particular; ground: { $basis }
preview-texts = Texts, as they will be read. Look for names that nobody recorded:
preview-text = {"  "}{ $code } { $field }: { $text }
file-shows-others = shows others, by the team's note
preview-other-agent = { $code }: the power of attorney is for { $agent }, and the bundle goes to { $recipient }.
basis-agent = { $basis } for { $agent }
err-bundle-recipient = A recipient is no key that a bundle can be sealed to. Nothing was sealed.
hint-bundle-recipient = Give an age key (age1…) or the line of an OpenSSH key (ssh-ed25519, ssh-rsa); in a file one a line.
err-handover-due-over = The day until which the paper is due is over. Nothing was handed over.
hint-handover-due-over = Give today or a later day.
ask-again-due = That day is over. Give today or a later day.
