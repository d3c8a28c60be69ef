import { ApiProblem } from './api.ts';
import { element } from './dom.ts';

/** A dialog of the browser's own: it traps the focus, closes on Escape, and gives the focus back. */
export function openDialog(title: string, ...children: readonly (Node | string)[]): HTMLDialogElement {
  const close = element(
    'button',
    { type: 'button', class: 'close', 'aria-label': 'Close', onclick: () => dialog.close() },
    '×',
  );
  const dialog = element('dialog', { 'aria-label': title }, element('h2', {}, title), close, ...children);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export function openMessage(title: string, sentence: string): void {
  openDialog(title, element('p', {}, sentence));
}

export interface Question {
  readonly title: string;
  readonly sentence: string;
  readonly fields?: readonly {
    readonly name: string;
    readonly label: string;
    readonly value: string;
    readonly pattern?: string;
    readonly placeholder?: string;
  }[];
  readonly act: string;
  /** What is carried out; its sentence tells how it went. */
  readonly carryOut: (values: Readonly<Record<string, string>>) => Promise<string>;
}

/** Asks before anything happens to anybody, and says afterwards what happened. */
export function confirmThat(question: Question): void {
  const outcome = element('p', { class: 'outcome', role: 'status' });
  const inputs = (question.fields ?? []).map(({ name, label, value, pattern = null, placeholder = null }) => {
    const input = element('input', { name, value, pattern, placeholder, autocomplete: 'off' });
    return { name, input, row: element('label', {}, label, input) };
  });
  const button = element('button', { type: 'submit', class: 'act' }, question.act);
  const form = element(
    'form',
    {},
    element('p', {}, question.sentence),
    ...inputs.map(({ row }) => row),
    button,
    outcome,
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      outcome.textContent = await question.carryOut(
        Object.fromEntries(inputs.map(({ name, input }) => [name, input.value])),
      );
    } catch (problem) {
      outcome.textContent = problemText(problem);
      button.disabled = false;
    }
  });
  openDialog(question.title, form);
  (inputs[0]?.input ?? button).focus();
}

export function problemText(problem: unknown): string {
  if (problem instanceof ApiProblem)
    return problem.help === '' ? problem.message : `${problem.message} (${problem.help})`;
  return 'the edge cannot be reached';
}
