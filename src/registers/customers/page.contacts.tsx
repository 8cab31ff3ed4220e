import { Button } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Line, Lines } from '../../ui/Lines.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Section } from '../../ui/Page.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import type { WholeCustomer } from './page.sheet.tsx';
import type { routes } from './routes.ts';

const ContactForm = lazily(async () => (await import('./page.contactform.tsx')).ContactForm);

export type Contact = WholeCustomer['people'][number];

/** Who is there at a customer: whom mails reach and who opens the portal. */
export function CustomerContacts({ customer }: { customer: WholeCustomer }) {
  const t = useWords('registers/customers');
  const [editing, setEditing] = useState<Contact | 'new' | null>(null);
  const [removing, setRemoving] = useState<Contact | null>(null);
  const mayAdd = useMay('addContact') && customer.state !== 'gone';
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
          </Line>
        ))}
      </Lines>
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
