/** In the environment of a process that is started to take over an edge. */
export const successorVariable = 'HOLDLINE_SUCCESSOR';
