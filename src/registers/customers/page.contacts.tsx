import { Button } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Line, type LineAct, Lines } from '../../ui/Lines.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import type { WholeCustomer } from './page.sheet.tsx';
import type { confirmingRoutes } from './routes.confirming.ts';
import type { routes } from './routes.ts';

const ContactForm = lazily(async () => (await import('./page.contactform.tsx')).ContactForm);

export type Contact = WholeCustomer['people'][number];

/** Who is there at a customer: whom mails reach and who opens the portal. */
export function CustomerContacts({ customer }: { customer: WholeCustomer }) {
  const t = useWords('registers/customers');
  const [editing, setEditing] = useState<Contact | 'new' | null>(null);
  const [removing, setRemoving] = useState<Contact | null>(null);
  const mayAdd = useMay('addContact') && customer.state !== 'gone';
  const confirm = useConfirming(customer);
  const close = () => setEditing(null);
  const title = editing === 'new' ? t('contacts.add') : t('contacts.change');
  return (
    <Section title={t('contacts.title')}>
      {customer.people.length === 0 && <p className="kept-soft">{t('contacts.none')}</p>}
      <Lines>
        {customer.people.map((contact) => (
          <Line
            key={contact.id}
            acts={
              mayAdd
                ? [
                    ...confirm.acts(contact),
                    {
                      verb: t('contacts.edit'),
                      name: t('contacts.changeOf', { name: contact.name }),
                      run: () => setEditing(contact),
                    },
                    {
                      verb: t('contacts.remove'),
                      name: t('contacts.removeOf', { name: contact.name }),
                      run: () => setRemoving(contact),
                      danger: true,
                    },
                  ]
                : []
            }
          >
            {contact.name} · {contact.email}
            <div className="kept-soft">
              {t(`part.${contact.part}`)} · {t(`language.${contact.language}`)}
            </div>
            <Waits contact={contact} />
          </Line>
        ))}
        <LeftUnconfirmed people={customer.leftUnconfirmed} acts={confirm.acts} />
      </Lines>
      {confirm.problem && <ProblemNotice problem={confirm.problem} />}
      {mayAdd && (
        <Button variant="default" size="xs" onClick={() => setEditing('new')}>
          {t('contacts.add')}
        </Button>
      )}
      <Sheet opened={editing !== null} onClose={close} label={title}>
        <SheetHeader title={title} sentence={customer.name} />
        {editing && (
          <ContactForm
            customerKey={customer.key}
            contact={editing === 'new' ? undefined : editing}
            language={customer.language}
            done={close}
          />
        )}
      </Sheet>
      {removing && (
        <Removing customer={customer} contact={removing} close={() => setRemoving(null)} />
      )}
    </Section>
  );
}

/** Who entered the portal unconfirmed and was removed. */
function LeftUnconfirmed(props: {
  people: readonly Contact[];
  acts: (contact: Contact) => readonly LineAct[];
}) {
  const t = useWords('registers/customers');
  return props.people.map((contact) => (
    <Line key={contact.id} acts={props.acts(contact)}>
      {contact.name} · {contact.email}
      <div className="kept-soft">{t('contacts.leftUnconfirmed')}</div>
      <Waits contact={contact} />
    </Line>
  ));
}

/** What somebody else is to say of a contact, and since when. */
function Waits({ contact }: { contact: Contact }) {
  const t = useWords('registers/customers');
  if (!contact.unconfirmedSince) return null;
  return (
    <div>
      {t(contact.mine ? 'contacts.waitsForAnother' : 'contacts.waits')}{' '}
      <RelativeTime at={contact.unconfirmedSince} />
    </div>
  );
}

/** Confirming a contact that somebody else added or readdressed; those of one's own are not offered. */
function useConfirming(customer: WholeCustomer) {
  const t = useWords('registers/customers');
  const may = useMay('confirmContacts');
  const { run, problem } = useCommand(useApi<typeof confirmingRoutes>().confirmContacts, {
    done: t('contacts.confirmed'),
  });
  const acts = ({ id, version, name, unconfirmedSince, mine }: Contact): readonly LineAct[] =>
    may && unconfirmedSince && !mine
      ? [
          {
            verb: t('contacts.confirm'),
            name: t('contacts.confirmOf', { name, customer: customer.name ?? customer.key }),
            run: () => void run({ contacts: [{ id, version }] }),
          },
        ]
      : [];
  return { acts, problem };
}

function Removing(props: { customer: WholeCustomer; contact: Contact; close: () => void }) {
  const t = useWords('registers/customers');
  const { customer, contact, close } = props;
  const remove = useCommand(useApi<typeof routes>().removeContact, {
    done: t('contacts.removed'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened
      onClose={close}
      danger
      title={t('contacts.removeAsk', { name: contact.name })}
      verb={t('contacts.remove')}
      run={() => void remove.run({ key: customer.key, contactId: contact.id })}
      running={remove.running}
      problem={remove.problem}
    >
      <p>{t('contacts.removeWhat')}</p>
    </ConfirmDialog>
  );
}
