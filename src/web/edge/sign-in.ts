import { ask } from './api.ts';
import { problemText } from './dialog.ts';
import { element } from './dom.ts';

/** The token goes into a request's body once; from then on a cookie that no script can read stands for it. */
export function signIn(onDone: () => void): HTMLElement {
  const token = element('input', {
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    'aria-label': 'Token',
  });
  const problem = element('p', { class: 'problem', role: 'alert' });
  const form = element(
    'form',
    { class: 'sign-in' },
    element('h2', {}, 'Sign in'),
    element('label', {}, 'Token of this edge', token),
    element('button', { type: 'submit' }, 'Sign in'),
    problem,
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      await ask('POST', '/session', { token: token.value });
      onDone();
    } catch (failure) {
      problem.textContent = problemText(failure);
      token.select();
    }
  });
  queueMicrotask(() => token.focus());
  return form;
}
