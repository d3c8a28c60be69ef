import { ask } from './api.ts';
import { element } from './dom.ts';

interface Completions {
  readonly start: number;
  readonly end: number;
  readonly options: readonly { readonly text: string; readonly about: string }[];
}

export interface SearchBox {
  readonly root: HTMLElement;
  readonly value: string;
  set(text: string): void;
  /** Says what is wrong with the filter, or null. */
  complain(problem: string | null): void;
  focus(): void;
}

/** After the last key; shorter, and each letter would be a question to the edge. */
const pauseMs = 150;

/** One box for a filter, with completion by the edge: it knows the fields, the routes and the tags. */
export function searchBox(options: {
  readonly of: 'live' | 'ended';
  readonly onChange: (text: string) => void;
}): SearchBox {
  const list = element('ul', { role: 'listbox', id: `options-${options.of}`, hidden: true });
  const problem = element('p', { class: 'problem', role: 'alert' });
  const input = element('input', {
    type: 'search',
    role: 'combobox',
    'aria-label': 'Filter',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': `options-${options.of}`,
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: options.of === 'live' ? 'route:chat rtt>200ms age>1h user:ann' : 'cause:server-gone user:ann',
  });
  const root = element('div', { class: 'search' }, input, list, problem);
  let completions: Completions = { start: 0, end: 0, options: [] };
  let chosen = -1;
  let pause: ReturnType<typeof setTimeout> | undefined;

  async function complete(): Promise<void> {
    const at = input.selectionStart ?? input.value.length;
    const query = new URLSearchParams({ text: input.value, at: String(at), of: options.of });
    try {
      completions = await ask<Completions>('GET', `/complete?${query}`);
    } catch {
      // Without completion the box is still a box; the stream says that contact is lost.
      completions = { start: 0, end: 0, options: [] };
    }
    chosen = -1;
    draw();
  }

  function draw(): void {
    const open = document.activeElement === input && completions.options.length > 0;
    list.hidden = !open;
    input.setAttribute('aria-expanded', String(open));
    list.replaceChildren(
      ...completions.options.map(({ text, about }, at) =>
        element(
          'li',
          {
            role: 'option',
            id: `option-${options.of}-${at}`,
            'aria-selected': String(at === chosen),
            onpointerdown: (event: Event) => take(at, event),
          },
          element('b', {}, text),
          ` ${about}`,
        ),
      ),
    );
    if (chosen >= 0) input.setAttribute('aria-activedescendant', `option-${options.of}-${chosen}`);
    else input.removeAttribute('aria-activedescendant');
  }

  function take(at: number, event: Event): void {
    event.preventDefault();
    const { text } = completions.options[at]!;
    const whole = /[:>]$/.test(text) ? text : `${text} `;
    input.value = input.value.slice(0, completions.start) + whole + input.value.slice(completions.end).trimStart();
    const place = completions.start + whole.length;
    input.setSelectionRange(place, place);
    changed();
    void complete();
  }

  function changed(): void {
    clearTimeout(pause);
    pause = setTimeout(() => {
      options.onChange(input.value.trim());
      void complete();
    }, pauseMs);
  }

  input.addEventListener('input', changed);
  input.addEventListener('focus', () => void complete());
  input.addEventListener('blur', () => {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
  });
  input.addEventListener('keydown', (event) => {
    const { length } = completions.options;
    if (event.key === 'Escape') {
      completions = { ...completions, options: [] };
      draw();
    } else if ((event.key === 'Enter' || event.key === 'Tab') && chosen >= 0 && !list.hidden) take(chosen, event);
    else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && length > 0 && !list.hidden) {
      event.preventDefault();
      chosen = (chosen + (event.key === 'ArrowDown' ? 1 : -1) + length) % length;
      draw();
    }
  });

  return {
    root,
    get value() {
      return input.value.trim();
    },
    set(text) {
      input.value = text;
    },
    complain(text) {
      problem.textContent = text ?? '';
      if (text === null) input.removeAttribute('aria-invalid');
      else input.setAttribute('aria-invalid', 'true');
    },
    focus: () => input.focus(),
  };
}
